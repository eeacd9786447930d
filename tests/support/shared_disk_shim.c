/*
 * Makes of a local folder one that a network serves (LD_PRELOAD): answers to link(2) get lost, so that the client, which asks
 * again, hears EEXIST of its own first try; and names that are new are not seen for a while by who has not made them.
 *
 *   SHARED_SHIM_ROOT   the folder, absolute, with all links followed
 *   SHARED_SHIM_LOSE   of a hundred links, those whose answer gets lost
 *   SHARED_SHIM_LATE   milliseconds for which a new file is, half of the time, not found by open(2) for reading
 *
 * Only the first program is treated: its children start without all this.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "opens.h"

static char root[PATH_MAX];
static long lose, late_ms;

static long take_number(const char *name) {
  long value = atol(getenv(name) ?: "0");
  unsetenv(name);
  return value;
}

__attribute__((constructor)) static void begin(void) {
  unsetenv("LD_PRELOAD");
  snprintf(root, sizeof root, "%s", getenv("SHARED_SHIM_ROOT") ?: "");
  unsetenv("SHARED_SHIM_ROOT");
  lose = take_number("SHARED_SHIM_LOSE");
  late_ms = take_number("SHARED_SHIM_LATE");
}

static int is_below_root(const char *path) {
  size_t length = strlen(root);
  return length > 0 && strncmp(path, root, length) == 0 && path[length] == '/';
}

static int by_chance(long of_hundred) {
  unsigned char byte;
  if (syscall(SYS_getrandom, &byte, 1, 0) != 1) return 0;
  return byte * 100 < of_hundred * 256;
}

int linkat(int folder, const char *from, int new_folder, const char *to, int flags) {
  long result = syscall(SYS_linkat, folder, from, new_folder, to, flags);
  if (result == 0 && is_below_root(to) && by_chance(lose)) {
    errno = EEXIST;
    return -1;
  }
  return result;
}

/* Claims and ends are what an old listing hides; a name that begins with a dot is the client's own. */
static int is_hidden(int fd, const char *path) {
  struct stat file;
  struct timespec now;
  const char *name = strrchr(path, '/');
  if (late_ms == 0 || !name || name[1] == '.' || !(strstr(path, "/claims/") || strstr(path, "/ends/"))) return 0;
  if (fstat(fd, &file) != 0 || syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) != 0) return 0;
  long age_ms = (now.tv_sec - file.st_ctim.tv_sec) * 1000 + (now.tv_nsec - file.st_ctim.tv_nsec) / 1000000;
  return age_ms < late_ms && by_chance(50);
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  int fd = syscall(SYS_openat, folder, path, flags, mode);
  if (fd < 0 || (flags & (O_WRONLY | O_RDWR | O_CREAT)) || !is_below_root(path) || !is_hidden(fd, path)) return fd;
  syscall(SYS_close, fd);
  errno = ENOENT;
  return -1;
}

