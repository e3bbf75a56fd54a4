/*
 * A mail server that takes everything, at next to no cost: what `sink.ts` does for servers that are
 * near, in C. Started with pipes: writes its two ports, without and with CHUNKING, as a line on
 * standard output. Each line on standard input is answered with what was taken since the last one: a
 * line "LETTERS KEPT", and for each letter kept a line "READER BYTES" with that many bytes behind it.
 * Letters to readers named `sample.` are kept. Ends with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048, READ_BYTES = 1 << 18, EVENTS = 64, REPLY_BYTES = 1 << 16 };

static const char END_OF_DATA[] = "\r\n.\r\n";
enum { END_LENGTH = 5 };

struct letter {
  char to[LINE_MAX_BYTES];
  char *bytes;
  size_t length, capacity;
  struct letter *next;
};

struct connection {
  int socket;
  bool takes_chunks;
  enum { IN_COMMANDS, IN_DATA, IN_CHUNK } state;
  char line[LINE_MAX_BYTES];
  size_t line_length;
  /* How much of the end of data the last bytes were. */
  int matched;
  long chunk_left;
  bool chunk_is_last;
  /* What comes is kept in here, or is not kept. */
  struct letter *sampled;
};

/* What an event is about, other than a connection. */
static int listeners[2];
static char standard_input;

static long letters;
static struct letter *kept;
static char replies[REPLY_BYTES];
static size_t replies_length;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void reply(const char *text) {
  size_t length = strlen(text);
  if (replies_length + length > sizeof replies) return;
  memcpy(replies + replies_length, text, length);
  replies_length += length;
}

static void keep(struct letter *letter, const char *bytes, size_t length) {
  if (letter->length + length > letter->capacity) {
    letter->capacity = (letter->length + length) * 2;
    letter->bytes = realloc(letter->bytes, letter->capacity);
    if (!letter->bytes) fail("memory");
  }
  memcpy(letter->bytes + letter->length, bytes, length);
  letter->length += length;
}

static void finish(struct connection *of) {
  letters++;
  if (!of->sampled) return;
  of->sampled->next = kept;
  kept = of->sampled;
  of->sampled = NULL;
}

static void forget(struct letter *letter) {
  if (!letter) return;
  free(letter->bytes);
  free(letter);
}

/* RCPT TO:<sample.…>: the letter that follows is kept. */
static void begin_sample(struct connection *of) {
  const char *from = strstr(of->line, "<sample.");
  const char *to = from ? strchr(from, '>') : NULL;
  if (!to) return;
  forget(of->sampled);
  of->sampled = calloc(1, sizeof *of->sampled);
  if (!of->sampled) fail("memory");
  memcpy(of->sampled->to, from + 1, (size_t)(to - from - 1));
}

static void begin_chunk(struct connection *of) {
  of->chunk_left = atol(of->line + 4);
  of->chunk_is_last = strcasestr(of->line, "LAST") != NULL;
  if (of->chunk_left > 0) {
    of->state = IN_CHUNK;
    return;
  }
  if (of->chunk_is_last) finish(of);
  reply("250 2.0.0 Ok\r\n");
}

/* Obeys the command in the connection's line; false ends the session. */
static bool obey(struct connection *of) {
  of->line[of->line_length] = 0;
  of->line_length = 0;
  switch (of->line[0] & 0xdf) {
    case 'E':
    case 'H':
      reply("250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n");
      if (of->takes_chunks) reply("250-CHUNKING\r\n");
      reply("250 ENHANCEDSTATUSCODES\r\n");
      return true;
    case 'R':
      if ((of->line[1] & 0xdf) == 'C') begin_sample(of);
      reply("250 2.1.5 Ok\r\n");
      return true;
    case 'D':
      of->state = IN_DATA;
      /* A dot on the first line ends an empty letter. */
      of->matched = 2;
      reply("354 Go ahead\r\n");
      return true;
    case 'B':
      begin_chunk(of);
      return true;
    case 'Q':
      reply("221 2.0.0 Bye\r\n");
      return false;
    default:
      reply("250 2.0.0 Ok\r\n");
      return true;
  }
}

/* Returns how many of `length` bytes belong to the data, and sets `matched` to END_LENGTH at its end. */
static size_t take_data(struct connection *of, const char *bytes, size_t length) {
  size_t at = 0;
  /* An end that began in what came before. */
  while (of->matched > 0 && of->matched < END_LENGTH && at < length) {
    char byte = bytes[at++];
    of->matched = byte == END_OF_DATA[of->matched] ? of->matched + 1 : byte == '\r' ? 1 : 0;
  }
  if (of->matched > 0) return at;
  const char *end = memmem(bytes + at, length - at, END_OF_DATA, END_LENGTH);
  if (end) {
    of->matched = END_LENGTH;
    return (size_t)(end - bytes) + END_LENGTH;
  }
  for (int tail = END_LENGTH - 1; tail > 0; tail--) {
    if (length - at < (size_t)tail) continue;
    if (memcmp(bytes + length - tail, END_OF_DATA, (size_t)tail) != 0) continue;
    of->matched = tail;
    break;
  }
  return length;
}

/* Returns how many of `length` bytes belong to what the connection is in the middle of. */
static size_t take_body(struct connection *of, const char *bytes, size_t length) {
  size_t taken;
  bool is_over;
  if (of->state == IN_DATA) {
    taken = take_data(of, bytes, length);
    is_over = of->matched == END_LENGTH;
  } else {
    taken = length < (size_t)of->chunk_left ? length : (size_t)of->chunk_left;
    of->chunk_left -= (long)taken;
    is_over = of->chunk_left == 0;
  }
  if (of->sampled) keep(of->sampled, bytes, taken);
  if (!is_over) return taken;
  if (of->state == IN_DATA || of->chunk_is_last) finish(of);
  of->state = IN_COMMANDS;
  reply("250 2.0.0 Ok\r\n");
  return taken;
}

/* Takes what has come; false ends the session. */
static bool take(struct connection *of, const char *bytes, size_t length) {
  for (size_t at = 0; at < length;) {
    if (of->state != IN_COMMANDS) {
      at += take_body(of, bytes + at, length - at);
      continue;
    }
    const char *line_end = memchr(bytes + at, '\n', length - at);
    size_t part = line_end ? (size_t)(line_end - bytes) - at : length - at;
    /* No command of ours is as long; the rest of one that is goes unread. */
    size_t room = sizeof of->line - 1 - of->line_length;
    memcpy(of->line + of->line_length, bytes + at, part < room ? part : room);
    of->line_length += part < room ? part : room;
    at += part + (line_end ? 1 : 0);
    if (line_end && !obey(of)) return false;
  }
  return true;
}

static void hang_up(struct connection *of) {
  close(of->socket);
  forget(of->sampled);
  free(of);
}

static void serve(struct connection *of) {
  static char bytes[READ_BYTES];
  ssize_t length = read(of->socket, bytes, sizeof bytes);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
  replies_length = 0;
  bool goes_on = length > 0 && take(of, bytes, (size_t)length);
  if (replies_length > 0 && write(of->socket, replies, replies_length) < 0) goes_on = false;
  if (!goes_on) hang_up(of);
}

static void watch(int events, int file, void *about) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = about};
  if (epoll_ctl(events, EPOLL_CTL_ADD, file, &event) < 0) fail("epoll_ctl");
}

static void greet(int events, bool takes_chunks) {
  static const char GREETING[] = "220 sink ESMTP\r\n";
  static const int ON = 1;
  int accepted = accept4(listeners[takes_chunks], NULL, NULL, SOCK_NONBLOCK);
  if (accepted < 0) return;
  setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &ON, sizeof ON);
  struct connection *made = calloc(1, sizeof *made);
  if (!made) fail("memory");
  made->socket = accepted;
  made->takes_chunks = takes_chunks;
  watch(events, accepted, made);
  if (write(accepted, GREETING, sizeof GREETING - 1) < 0) hang_up(made);
}

/* Returns a port of the loopback interface on which `*listener` listens. */
static int listen_on(int *listener) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  *listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (*listener < 0) fail("socket");
  if (bind(*listener, (struct sockaddr *)&address, length) < 0) fail("bind");
  if (listen(*listener, 1024) < 0) fail("listen");
  if (getsockname(*listener, (struct sockaddr *)&address, &length) < 0) fail("getsockname");
  return ntohs(address.sin_port);
}

static void tell(void) {
  char asked[256];
  if (read(STDIN_FILENO, asked, sizeof asked) <= 0) exit(0);
  int count = 0;
  for (struct letter *each = kept; each; each = each->next) count++;
  printf("%ld %d\n", letters, count);
  while (kept) {
    struct letter *told = kept;
    kept = told->next;
    printf("%s %zu\n", told->to, told->length);
    fwrite(told->bytes, 1, told->length, stdout);
    forget(told);
  }
  fflush(stdout);
  letters = 0;
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  int events = epoll_create1(0);
  if (events < 0) fail("epoll_create1");
  int ports[] = {listen_on(&listeners[0]), listen_on(&listeners[1])};
  watch(events, listeners[0], &listeners[0]);
  watch(events, listeners[1], &listeners[1]);
  watch(events, STDIN_FILENO, &standard_input);
  printf("%d %d\n", ports[0], ports[1]);
  fflush(stdout);
  for (;;) {
    struct epoll_event come[EVENTS];
    int count = epoll_wait(events, come, EVENTS, -1);
    for (int index = 0; index < count; index++) {
      void *about = come[index].data.ptr;
      if (about == &standard_input) tell();
      else if (about == &listeners[0]) greet(events, false);
      else if (about == &listeners[1]) greet(events, true);
      else serve(about);
    }
  }
}
