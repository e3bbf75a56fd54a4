/**
 * The topics, and the words and categories that tell them. Words are separated by commas and are
 * pieces of regular expressions over text in lower case in which anything but letters and digits is
 * a blank ("self driving"). docs/reference/topics.md is written from this list.
 */

/** How a topic is told. */
export interface TopicRule {
  readonly id: string;
  readonly name: string;
  readonly words: string;
  /** arXiv categories, or whole archives such as "q-bio". */
  readonly categories: readonly string[];
}

/** The most specific first: in this order a paper's topics are shown. */
export const TOPIC_RULES: readonly TopicRule[] = [
  {
    id: "robotics",
    name: "Robotics",
    words: String.raw`
      robot(s|ic|ics)?, humanoids?, manipulation polic(y|ies),
      (dexterous|bimanual|robotic|object) manipulation, embodied
      (ai|agents?|control|intelligence|navigation|tasks?|reasoning|planning), vision language
      action( models?)?, vlas?, autonomous driving, self driving, driving
      (scenes?|scenarios?|world models?|simulation), grasp(s|ing)?, locomotion,
      quadruped(s|al)?, uavs?, drones?, slam, sim to real, teleoperation, motion planning`,
    categories: ["cs.RO"],
  },
  {
    id: "medicine",
    name: "Medicine",
    words: String.raw`
      medic(al|ine), biomedic(al|ine), clinic(al|ally|ians?|s)?, patients?, hospitals?,
      health(care)?, disease, cancers?, tumou?rs?, surg(ery|ical), radiolog(y|ical),
      patholog(y|ical), histopatholog(y|ical), mri, (chest )?x rays?, ct scans?, ultrasound,
      dental, diabet(es|ic), ophthalm\w+, retinal, ecg, electronic health records?,
      psychiatr(y|ic), dementia, alzheimer s`,
    categories: ["q-bio.TO"],
  },
  {
    id: "biology",
    name: "Biology",
    words: String.raw`
      biolog(y|ical|ically), proteins?, genom(e|es|ic|ics), genes?, dna, rna, single cell,
      transcriptom\w+, neuroscien(ce|tific), (human )?brains?, fmri, eeg, neural
      (recordings?|activity|spikes?), evolutionary biology, species, ecolog(y|ical), plants?,
      crop(s)? (disease|yield), antibod(y|ies)`,
    categories: ["q-bio"],
  },
  {
    id: "chemistry",
    name: "Chemistry and materials",
    words: String.raw`
      chemi(stry|cals?), molecul(e|es|ar), drug (discovery|design), ligands?, materials?
      (science|discovery|design), crystals?, catalysts?, polymers?, retrosynthesis,
      interatomic potentials?, density functional, batter(y|ies)`,
    categories: ["physics.chem-ph", "cond-mat.mtrl-sci"],
  },
  {
    id: "physics",
    name: "Physics, space and Earth",
    words: String.raw`
      physic(s|al) (simulation|systems?|laws?|equations?|informed), physics, quantum, qubits?,
      astronom(y|ical), galax(y|ies), cosmolog(y|ical), fluids?(?! antennas?)( dynamics)?, turbulen(ce|t),
      navier stokes, pdes?, partial differential equations?, climate, weather, earth
      observation, remote sensing, satellite(s| images?| imagery)?, geospatial, geophysic\w+,
      seismic, ocean, optics, photonic(s)?, aerial (images?|imagery)`,
    categories: [
      "physics",
      "astro-ph",
      "quant-ph",
      "cond-mat",
      "hep-ph",
      "hep-th",
      "hep-ex",
      "gr-qc",
      "nucl-th",
      "nlin",
    ],
  },
  {
    id: "security",
    name: "Security and privacy",
    words: String.raw`
      security, privacy, private(ly)?, differentially private, federated, attack(s|ers?|ing)?,
      adversarial (attacks?|examples?|robustness|perturbations?|patch(es)?), jailbreak(s|ing)?,
      prompt injections?, backdoors?, poison(ing|ed), malware, malicious, vulnerabilit(y|ies),
      red team(ing)?, watermark(s|ing)?, deepfakes?, forger(y|ies), encrypt(ed|ion),
      cryptograph\w+, phishing, membership inference, machine unlearning, unlearning,
      blockchain, unlearnable`,
    categories: ["cs.CR"],
  },
  {
    id: "safety",
    name: "Safety and alignment",
    words: String.raw`
      ai safety, safety, safe(guards?|ty alignment)?, guardrails?, align(ment|ing)
      (of|with|for), value alignment, human (values|preferences?), preference
      (optimization|alignment|learning), rlhf, hallucinat(e|es|ion|ions|ing),
      trustworth(y|iness), truthful(ness)?, sycophan(cy|tic), decepti(on|ve),
      misalign(ed|ment), refusal, toxic(ity)?, hate speech, harmful, interpretab(le|ility),
      explainab(le|ility), mechanistic, sparse autoencoders?, steering vectors?, moral,
      ethic(s|al), uncertainty (quantification|estimation), calibrat(ion|ed)`,
    categories: [],
  },
  {
    id: "code",
    name: "Code and software",
    words: String.raw`
      cod(ing|ers?), programm(ing|ers?), program (synthesis|repair), software, swe bench, swe,
      repositor(y|ies), pull requests?, bugs?, debug(ging)?, compilers?, unit tests?, github,
      sql, verilog, cuda kernels?, kernel generation, livecodebench, smart contracts?, code(?!
      (switch|mix))( generation)?`,
    categories: ["cs.SE", "cs.PL"],
  },
  {
    id: "audio",
    name: "Speech, audio and music",
    words: String.raw`
      speech, spoken, audios?, audio visual, music(al)?, sounds?, voices?, speakers?, asr,
      tts, text to speech, singing, acoustic(s)?, phon(eme|emes|etic|etics|ology), podcasts?`,
    categories: ["cs.SD", "eess.AS"],
  },
  {
    id: "3d-graphics",
    name: "3D and graphics",
    words: String.raw`
      3d, 4d, gaussian splatting, splatting, splats?, nerfs?, radiance fields?, point clouds?,
      mesh(es)?, novel view synthesis, view synthesis, multi view, depth
      (estimation|maps?|completion), stereo, camera
      (pose|poses|motion|control|trajector(y|ies)|calibration), structure from motion, scene
      reconstruction, surface reconstruction, rendering, avatars?, human motion, motion
      (generation|synthesis|capture), textures?, svg, cad, vector graphics, relighting,
      animation, animatable, garments?`,
    categories: ["cs.GR"],
  },
  {
    id: "image-video-generation",
    name: "Image and video generation",
    words: String.raw`
      image generation, video generation, visual generation, (text|image) to (image|video), text
      to (image|video) (generation|models?|diffusion( models?)?), image editing, video editing,
      image synthesis, video synthesis, video diffusion( models?| transformers?)?, image
      diffusion, diffusion transformers?, dits?, diffusion models?, flow matching, rectified
      flow, latent diffusion, stable diffusion, generative (video|image|world) models?, world
      models?, inpainting, style transfer, virtual try on, personalized generation, image
      (tokenizers?|super resolution|restoration), super resolution, classifier free guidance,
      gans?, geneval, vaes?, visual autoregressive, video world models?, storytelling videos?,
      one step generation, text to (image|video), (few|one) step diffusion, (?<!language
      )diffusion( priors?| sampling)?`,
    categories: [],
  },
  {
    id: "agents",
    name: "Agents",
    words: String.raw`
      agents?, agentic, multi agents?( systems?| frameworks?)?, multiagent, tool
      (use|using|calling|learning|augmented|invocation), function calling, computer use, gui,
      model context protocol, mcp, deep research, web navigation, browser, skills?
      (library|libraries|learning|discovery), agent(ic)? memory, user simulat(ion|ors?), claude
      code, harness, long horizon, deepresearch`,
    categories: ["cs.MA"],
  },
  {
    id: "retrieval",
    name: "Search and recommendation",
    words: String.raw`
      retriev(al|e|ers?|ing), retrieval augmented( generation)?, rag,
      recommend(ation|ations|er|ers)?( systems?)?, recommender, search engines?,
      (agentic|web|semantic|vector|nearest neighbor|document) search, ranking,
      rerank(ing|ers?)?, question answering, knowledge (graphs?|bases?), information
      extraction, information retrieval, embedding models?, text embeddings?, click through,
      ocr, document (understanding|parsing|ai|intelligence|retrieval), databases?, entity
      linking, citation(s)?, literature (review|search)`,
    categories: ["cs.IR", "cs.DB", "cs.DL"],
  },
  {
    id: "reinforcement-learning",
    name: "Reinforcement learning",
    words: String.raw`
      reinforcement (learning|fine tuning|finetuning), rl, rlvr, grpo, ppo, dpo, policy
      (optimization|gradients?|learning|distillation), relative policy optimization, offline
      rl, q learning, reward(s)?( models?| modeling| shaping| hacking| signals?| functions?)?,
      verifiable rewards?, bandits?, markov decision, actor critic, imitation learning, self
      play, rollouts?`,
    categories: [],
  },
  {
    id: "reasoning",
    name: "Reasoning",
    words: String.raw`
      reason(ing|ers?), chain of thoughts?( reasoning)?, cot, thinking, latent thoughts?, test
      time (scaling|compute|training|search), mathematical (reasoning|problems?|problem
      solving), math(s)?, aime( \d+)?, gsm8k, olympiads?, theorem prov(ing|ers?), logic(al)?,
      planning, proofs?, lean( 4)?, puzzles?, causal (reasoning|inference|discovery), self
      verification, neuro symbolic, neurosymbolic, arc agi, constraint satisfaction,
      ontolog(y|ies)`,
    categories: ["cs.LO"],
  },
  {
    id: "mathematics",
    name: "Mathematics and computation",
    words: String.raw`
      theor(y|em|ems|etic|etical|etically), bounds?, convergence, optimal transport, graph
      theory, combinatori(al|cs), np hard(ness)?, algebra(ic)?, topolog(y|ical), manifolds?,
      bayesian, convex, equilibri(um|a), finite element, polynomials?, asymptotic(s|ally)?,
      information theor(y|etic), regression, (sample|computational) complexity, matri(x|ces)
      (multiplication|completion|factorization), stochastic (process(es)?|differential),
      numerical (methods?|analysis|solvers?|schemes?|simulations?), galerkin, dynamic mode
      decomposition, combinatorial optimization`,
    categories: [
      "math",
      "cs.CC",
      "cs.DS",
      "cs.DM",
      "math-ph",
      "stat.TH",
      "stat.ME",
      "cs.CG",
      "cs.CE",
    ],
  },
  {
    id: "communications",
    name: "Signals and communications",
    words: String.raw`
      wireless, mimo, beamforming, channel (estimation|coding|capacity|state), antennas?, 5g,
      6g, ofdm, radars?, spectrum, communications?( systems?| networks?), semantic
      communications?, error correct(ing|ion)( codes?)?, codes? (over|for), ldpc, polar
      codes?, reed (solomon|muller), decoding algorithms?, compressed sensing, signal
      processing, time series, forecast(s|ing)?, iot, edge computing, isac, near field,
      entropy coding, lossless compression`,
    categories: ["cs.IT", "eess.SP", "cs.NI", "math.IT"],
  },
  {
    id: "society",
    name: "Society and economics",
    words: String.raw`
      societ(y|al|ies), social(ly)?( media| networks?| science| simulation)?,
      econom(y|ic|ics|ies), financ(e|ial), markets?, trading, stocks?, auctions?, mechanism
      design, game theor(y|etic), polic(y makers?|ymak\w+), legal, governance, politic(s|al),
      elections?, voting, misinformation, fake news, fair(ness)?, gender, cultur(e|es|al|ally),
      education(al)?, students?, teach(er|ers|ing), journalis(m|ts), labou?r, jobs?, urban,
      traffic, psycholog(y|ical), personalit(y|ies), (social|gender|political|cultural|racial)
      bias(es)?, law (enforcement|firms?|schools?), stereotypes?`,
    categories: ["cs.CY", "cs.SI", "cs.GT", "econ", "q-fin", "physics.soc-ph"],
  },
  {
    id: "interaction",
    name: "People and computers",
    words: String.raw`
      human (computer|ai|centered|in the loop)( interaction| collaboration)?, user
      (study|studies|experience|interfaces?), interfaces?, accessib(le|ility),
      visuali[sz]ations?, augmented reality, virtual reality, vr, xr, wearables?, eye
      tracking, gaze, emotion(s|al)?, affective, empath(y|etic), creativ(e|ity), games?, role
      play(ing)?, personali[sz](ed|ation)`,
    categories: ["cs.HC"],
  },
  {
    id: "efficiency",
    name: "Efficiency and systems",
    words: String.raw`
      efficien(t|cy|tly), quanti[sz](ation|ed|ing), prun(ing|ed), (knowledge|self|model|on
      policy) distillation, distill(ation|ed|ing), speculative decoding, kv caches?,
      cach(e|es|ing), sparse attention, linear attention, attention mechanisms?, mixture of
      experts, moe, parameter efficient( fine tuning)?, lora, low rank( adaptation)?,
      inference (acceleration|speed|latency|efficiency|time), accelerat(e|ed|ing|ion),
      latency, throughput, gpus?, hardware, accelerators?, fpgas?, on device, edge devices?,
      token (pruning|merging|compression|reduction), compress(ion|ed|ing), long context,
      memory efficient, serving, distributed training, flops, energy, spiking, neuromorphic,
      lightweight`,
    categories: ["cs.DC", "cs.AR", "cs.PF", "cs.OS", "cs.ET"],
  },
  {
    id: "benchmarks",
    name: "Benchmarks and data",
    words: String.raw`
      benchmark(s|ing)?( evaluation)?, [a-z]+bench, bench, data ?sets?, corpus, corpora,
      leaderboards?, evaluation (framework|protocol|suite|metrics?)s?, evaluating, llm as a
      judge, synthetic data, data
      (synthesis|curation|selection|generation|augmentation|quality|mixing|mixture),
      annotations?, survey`,
    categories: [],
  },
  {
    id: "vision-language",
    name: "Vision and language",
    words: String.raw`
      multimodal(ity)?( large language models?| models?| llms?)?, multi modal, cross modal,
      omni ?modal, omni, vision language( models?)?, visual language, vlms?, mllms?, lvlms?,
      clip, visual (question answering|grounding|instruction|reasoning|understanding), vqa,
      caption(s|ing)?, image text, video (understanding|question answering|llms?|language),
      unified (multimodal )?(models?|understanding), grounding, charts?`,
    categories: ["cs.MM"],
  },
  {
    id: "language-models",
    name: "Language models",
    words: String.raw`
      language modeling, s?llms?, slms?, gpt( \d+)?, tokeni[sz](ation|ers?|ing), post training,
      instruction (tuning|following), supervised fine ?tuning, sft, in context( learning)?,
      prompt(s|ing)?( engineering| optimization)?, scaling laws?, chatbots?, dialogues?,
      conversation(s|al)?, (machine )?translation, multilingual, cross lingual, low resource
      languages?, lingui?stic(s|ally)?, natural language, nlp, summari[sz]ation, writing,
      sentiment, named entit(y|ies), grammar, chain of verification, perplexity, attention
      heads?, mamba, state space models?, (?<!(vision|visual|multimodal|omni|multimodal
      large|vision large|large multimodal|diffusion) )((large|small) )?language models?,
      diffusion language models?, languages, language
      (understanding|generation|learning|acquisition|technolog(y|ies)), (?<!(to|image)
      )text(ual)?(?! (to|driven|guided|conditioned|image|video|prompts?|3d)),
      (?<!(diffusion|vision) )transformers?`,
    categories: ["cs.CL"],
  },
  {
    id: "vision",
    name: "Computer vision",
    words: String.raw`
      visual(ly)?, images?, imaging, videos?, pixels?, segmentation, segment anything,
      (object|anomaly|change) detection, object (tracking|recognition|counting), detectors?,
      tracking, recognition, face(s)?, facial, pose estimation, optical flow, imagenet, dinov\d,
      scenes?, cameras?, photo(s|graphs?|graphy)?, vits?, denoising, deblurring, hyperspectral,
      infrared, vision(?! language), spatial (intelligence|reasoning|understanding)`,
    categories: ["cs.CV", "eess.IV"],
  },
  {
    id: "machine-learning",
    name: "Machine learning",
    words: String.raw`
      machine learning, deep (learning|neural networks?), neural networks?,
      (self|semi|un|weakly) ?supervised( learning)?, representation learning, contrastive
      learning, transfer learning, continual learning, catastrophic forgetting, meta learning,
      few shot, zero shot, optimi[sz](er|ers|ation), gradient(s| descent)?, training dynamics,
      graph neural networks?, gnns?, graph learning, tabular, classif(iers?|ication),
      clustering, generali[sz]ation, domain adaptation, distribution shifts?, out of
      distribution, normali[sz]ation, kernels?, autoencoders?, generative models?, embeddings?,
      latent space, ensembles?, evolutionary, neural operators?, anomaly, model merging,
      learning, (continual )?pre ?training, (?<!(supervised|instruction|reinforcement) )fine
      ?tuning`,
    categories: ["cs.LG", "stat.ML", "cs.NE", "cs.AI"],
  },
];
