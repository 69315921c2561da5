/*
 * The control of the bench: what this machine can do. Three processes, spout -> relay -> bolt,
 * joined by unix sockets, count words for some seconds and print one JSON line:
 *
 *     pipeline SECONDS
 *
 * The spout draws one of 131,072 random words of 20 characters at a time and packs them into
 * batches of at most 32 KiB. The relay reads the head of a batch and passes it on whole. The bolt
 * counts each word in a hash table whose keys are compared as bytes. The parent then draws the
 * same words again and checks the number of tuples and the counts.
 *
 * A batch is a head of two 32-bit numbers, bytes that follow and the task they are for, and then
 * tuples: the length of the word in one byte, and the word.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define WORD_COUNT (1u << 17)
#define WORD_LENGTH 20u
#define BATCH_BYTES 32768u
#define HEAD_BYTES 8u
#define READ_BYTES (8u * BATCH_BYTES)
#define TABLE_SIZE (1u << 18)
#define TASK 2u
#define SEED 0x9e3779b97f4a7c15ull

enum { SPOUT, RELAY, BOLT, PROCESSES };
static const char *const names[PROCESSES] = { "spout", "stmgr", "bolt" };

/* What the processes leave for the parent, in shared memory. */
struct outcome {
  double cpu_s[PROCESSES];
  double seconds;
  uint64_t emitted, counted;
  bool is_right;
};

struct cell {
  char word[WORD_LENGTH];
  uint8_t length;
  uint64_t count;
};

static char (*words)[WORD_LENGTH];
static uint64_t first_draw;

static void fail(const char *what) {
  fprintf(stderr, "control: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* Zeroed memory that is there already: its pages cost nothing later. */
static void *allocate(size_t bytes) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED) fail("memory");
  return memory;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Marsaglia's xorshift with 64 bits. */
static inline uint64_t draw(uint64_t *state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

static inline uint32_t pick(uint64_t *state) {
  return (uint32_t)(draw(state) >> 24) & (WORD_COUNT - 1);
}

static void make_words(void) {
  static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  uint64_t state = SEED;
  words = allocate((size_t)WORD_COUNT * WORD_LENGTH);
  for (uint32_t i = 0; i < WORD_COUNT; i++)
    for (uint32_t j = 0; j < WORD_LENGTH; j++) words[i][j] = letters[(draw(&state) >> 20) % 36];
  first_draw = state;
}

static inline uint32_t read_u32(const char *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static inline void write_u32(char *at, uint32_t value) { memcpy(at, &value, sizeof value); }

static void write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t taken = write(fd, bytes, length);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) fail("write");
    bytes += taken;
    length -= (size_t)taken;
  }
}

/* Bytes that were read; the first `used` of them are done with. */
struct input {
  int fd;
  char *bytes;
  size_t used, length;
};

static struct input open_input(int fd) {
  return (struct input){ .fd = fd, .bytes = allocate(READ_BYTES) };
}

/* Reads more behind what is left; false at the end. */
static bool read_more(struct input *input) {
  input->length -= input->used;
  memmove(input->bytes, input->bytes + input->used, input->length);
  input->used = 0;
  for (;;) {
    ssize_t found = read(input->fd, input->bytes + input->length, READ_BYTES - input->length);
    if (found < 0 && errno == EINTR) continue;
    if (found < 0) fail("read");
    input->length += (size_t)found;
    return found > 0;
  }
}

/* The size of the next whole batch at `at`, head included; 0 when it is not whole. */
static size_t batch_at(const struct input *input, size_t at) {
  if (input->length - at < HEAD_BYTES) return 0;
  size_t size = HEAD_BYTES + read_u32(input->bytes + at);
  if (size > BATCH_BYTES || read_u32(input->bytes + at + 4) != TASK) {
    errno = EPROTO;
    fail("batch");
  }
  return input->length - at < size ? 0 : size;
}

static uint64_t run_spout(int out, double seconds) {
  char *batch = allocate(BATCH_BYTES);
  uint64_t state = first_draw, emitted = 0;
  double end = now() + seconds;
  while (now() < end) {
    char *at = batch + HEAD_BYTES;
    while (at + 1 + WORD_LENGTH <= batch + BATCH_BYTES) {
      *at++ = (char)WORD_LENGTH;
      memcpy(at, words[pick(&state)], WORD_LENGTH);
      at += WORD_LENGTH;
      emitted++;
    }
    write_u32(batch, (uint32_t)(at - batch) - HEAD_BYTES);
    write_u32(batch + 4, TASK);
    write_all(out, batch, (size_t)(at - batch));
  }
  return emitted;
}

static void run_relay(int in, int out) {
  struct input input = open_input(in);
  while (read_more(&input)) {
    size_t whole = 0;
    for (size_t size; (size = batch_at(&input, whole)) > 0;) whole += size;
    write_all(out, input.bytes, whole);
    input.used = whole;
  }
}

static inline uint64_t mix(uint64_t a, uint64_t b) {
  __uint128_t product = (__uint128_t)(a ^ SEED) * (b ^ 0xd1b54a32d192ed03ull);
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_word(const char *word, uint32_t length) {
  uint64_t hash = length, part = 0;
  for (; length >= 8; length -= 8, word += 8) {
    memcpy(&part, word, 8);
    hash = mix(hash, part);
  }
  part = 0;
  memcpy(&part, word, length);
  return mix(hash, part);
}

/* The cell of a word, an empty one if it has none. */
static struct cell *find(struct cell *table, const char *word, uint32_t length) {
  uint64_t at = hash_word(word, length);
  for (;; at++) {
    struct cell *cell = &table[at & (TABLE_SIZE - 1)];
    if (cell->count == 0) return cell;
    if (cell->length == length && memcmp(cell->word, word, length) == 0) return cell;
  }
}

static uint64_t count_batch(struct cell *table, const char *at, const char *end) {
  enum { GROUP = 16 };
  uint64_t counted = 0;
  while (at < end) {
    /* The cells of a group are fetched together, then used. */
    const char *group[GROUP];
    unsigned size = 0;
    for (; size < GROUP && at < end; size++) {
      uint32_t length = (uint8_t)*at;
      group[size] = at;
      if (length > WORD_LENGTH || at + 1 + length > end) {
        errno = EPROTO;
        fail("tuple");
      }
      __builtin_prefetch(&table[hash_word(at + 1, length) & (TABLE_SIZE - 1)]);
      at += 1 + length;
    }
    for (unsigned i = 0; i < size; i++) {
      uint32_t length = (uint8_t)*group[i];
      struct cell *cell = find(table, group[i] + 1, length);
      if (cell->count == 0) {
        memcpy(cell->word, group[i] + 1, length);
        cell->length = (uint8_t)length;
      }
      cell->count++;
    }
    counted += size;
  }
  return counted;
}

/* Draws what the spout drew again, and compares all counts. */
static bool is_right(struct cell *table, uint64_t counted) {
  uint64_t *expected = allocate(WORD_COUNT * sizeof *expected);
  uint64_t state = first_draw;
  for (uint64_t i = 0; i < counted; i++) expected[pick(&state)]++;
  for (uint32_t i = 0; i < WORD_COUNT; i++)
    if (find(table, words[i], WORD_LENGTH)->count != expected[i]) return false;
  return true;
}

static void run_bolt(int in, struct outcome *outcome) {
  struct input input = open_input(in);
  struct cell *table = allocate(TABLE_SIZE * sizeof *table);
  double start = now(), cpu = cpu_now();
  while (read_more(&input)) {
    for (size_t size; (size = batch_at(&input, input.used)) > 0; input.used += size) {
      const char *batch = input.bytes + input.used;
      outcome->counted += count_batch(table, batch + HEAD_BYTES, batch + size);
    }
  }
  outcome->seconds = now() - start;
  outcome->cpu_s[BOLT] = cpu_now() - cpu;
  outcome->is_right = is_right(table, outcome->counted);
}

static void run(int role, int in, int out, double seconds, struct outcome *outcome) {
  if (role == BOLT) {
    run_bolt(in, outcome);
    return;
  }
  double cpu = cpu_now();
  if (role == SPOUT) outcome->emitted = run_spout(out, seconds);
  else run_relay(in, out);
  outcome->cpu_s[role] = cpu_now() - cpu;
}

static void start(int role, const int pairs[2][2], double seconds, struct outcome *outcome) {
  pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int in = role == SPOUT ? -1 : pairs[role - 1][1];
  int out = role == BOLT ? -1 : pairs[role][0];
  for (int pair = 0; pair < 2; pair++)
    for (int end = 0; end < 2; end++)
      if (pairs[pair][end] != in && pairs[pair][end] != out) close(pairs[pair][end]);
  run(role, in, out, seconds, outcome);
  _exit(0);
}

int main(int argc, char **argv) {
  double seconds = argc == 2 ? atof(argv[1]) : 0;
  if (!(seconds > 0)) {
    fprintf(stderr, "usage: pipeline SECONDS\n");
    return 2;
  }
  struct outcome *outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int pairs[2][2];
  if (outcome == MAP_FAILED) fail("memory");
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[0]) != 0) fail("socket");
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[1]) != 0) fail("socket");
  make_words();
  for (int role = 0; role < PROCESSES; role++) start(role, pairs, seconds, outcome);
  for (int pair = 0; pair < 2; pair++)
    for (int end = 0; end < 2; end++) close(pairs[pair][end]);
  for (int role = 0; role < PROCESSES; role++) {
    int status = 0;
    if (wait(&status) < 0 || status != 0) return 1;
  }
  if (!outcome->is_right || outcome->counted != outcome->emitted) {
    fprintf(stderr, "control: the counts are wrong\n");
    return 1;
  }
  double cpu = 0;
  printf("{\"system\":\"control\",\"tuples\":%llu,\"seconds\":%.3f,\"tuples_per_s\":%.0f,\"cpu_s\":{",
         (unsigned long long)outcome->counted, outcome->seconds,
         (double)outcome->counted / outcome->seconds);
  for (int role = 0; role < PROCESSES; role++) {
    printf("\"%s\":%.4f,", names[role], outcome->cpu_s[role]);
    cpu += outcome->cpu_s[role];
  }
  printf("\"total\":%.4f},\"tuples_per_cpu_s\":%.0f}\n", cpu, (double)outcome->counted / cpu);
  return 0;
}
