/*
 * Stands between one program and the files below one folder (LD_PRELOAD), to make a disk go wrong at will. It counts
 * every call that changes something there: creating open, write, truncate, rename, link, unlink, mkdir, fsync,
 * fdatasync. What becomes of them is said in the environment:
 *
 *   DISK_SHIM_ROOT   the folder, absolute; without it nothing is counted
 *   DISK_SHIM_KILL   N:before | N:half | N:after: SIGKILL to ourselves at the Nth call; half is for a write, which
 *                    has put down half of its bytes by then. N:PHASE:TEXT counts only calls whose path contains TEXT
 *   DISK_SHIM_FAIL   OPS:ERRNO:FROM:TEXT: from the FROMth call on that is one of OPS (comma-separated) and whose path
 *                    contains TEXT, fail with ERRNO. A write that finds the disk full (ENOSPC, EDQUOT) first succeeds
 *                    with half of its bytes, as real ones do.
 *   DISK_SHIM_TRACE  a file outside the folder that gets a record of every call, with the bytes of every write
 *   DISK_SHIM_CLOCK  a file with the number of seconds by which the wall clock is off, read whenever somebody looks
 *
 * Only the first program is treated: the variables and LD_PRELOAD are gone before its main() begins, so that workers
 * and guard start without them. System calls are made directly: what we interpose is not called from here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "opens.h"

/* One call that changes the disk. */
struct call {
  const char *op;
  long number, args[5];
  char path[PATH_MAX];
  char other[PATH_MAX]; /* the new name of rename and link */
  int is_write;         /* then args[1] and args[2] are its bytes and their number */
  off_t offset;         /* of a write; the new size of ftruncate */
};

static char root[PATH_MAX], fail_ops[256], fail_text[256], clock_path[PATH_MAX];
static long kill_at = -1, fail_errno, fail_from, calls, matches;
static char kill_phase[16], kill_text[256];
static int trace_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *take(const char *name) {
  static char value[PATH_MAX];
  snprintf(value, sizeof value, "%s", getenv(name) ?: "");
  unsetenv(name);
  return value;
}

__attribute__((constructor)) static void begin(void) {
  unsetenv("LD_PRELOAD");
  snprintf(root, sizeof root, "%s", take("DISK_SHIM_ROOT"));
  snprintf(clock_path, sizeof clock_path, "%s", take("DISK_SHIM_CLOCK"));
  sscanf(take("DISK_SHIM_KILL"), "%ld:%15[^:]:%255[^\n]", &kill_at, kill_phase, kill_text);
  sscanf(take("DISK_SHIM_FAIL"), "%255[^:]:%ld:%ld:%255[^\n]", fail_ops, &fail_errno, &fail_from, fail_text);
  const char *trace_path = take("DISK_SHIM_TRACE");
  if (trace_path[0] == 0) return;
  trace_fd = syscall(SYS_openat, AT_FDCWD, trace_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (trace_fd < 0) abort();
}

static int is_below_root(const char *path) {
  size_t length = strlen(root);
  return length > 0 && strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* The path of an open file; false where it is not below the folder. */
static int path_of(int fd, char *path) {
  char link[64];
  if (root[0] == 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return is_below_root(path);
}

/* The same for a path that may be relative to an open folder. */
static int path_at(int folder, const char *given, char *path) {
  char base[PATH_MAX];
  int length;
  if (root[0] == 0) return 0;
  if (given[0] == '/') length = snprintf(path, PATH_MAX, "%s", given);
  else if (folder == AT_FDCWD ? !getcwd(base, sizeof base) : !path_of(folder, base)) return 0;
  else length = snprintf(path, PATH_MAX, "%s/%s", base, given);
  return length < PATH_MAX && is_below_root(path);
}

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

/* Makes the call; of a write only the first `size` bytes. */
static long make(const struct call *call, size_t size) {
  const long *a = call->args;
  return syscall(call->number, a[0], a[1], call->is_write ? (long)size : a[2], a[3], a[4]);
}

/* A line of op, result, offset, length, path and other, and for a write its bytes. */
static void trace(const struct call *call, long result) {
  char line[2 * PATH_MAX + 128];
  size_t size = call->is_write && result > 0 ? result : 0;
  int length = snprintf(line, sizeof line, "%s\t%ld\t%ld\t%zu\t%s\t%s\n", call->op, result, (long)call->offset, size, call->path, call->other);
  struct iovec parts[] = {{line, length}, {(void *)call->args[1], size}};
  if (trace_fd >= 0 && syscall(SYS_writev, trace_fd, parts, 2) != (long)(length + size)) abort();
}

static int is_failing_op(const char *op) {
  size_t length = strlen(op);
  for (const char *at = fail_ops; (at = strstr(at, op)); at += length)
    if ((at == fail_ops || at[-1] == ',') && (at[length] == ',' || at[length] == 0)) return 1;
  return 0;
}

/* The errno with which the call must fail, 0 where it need not. `size` is halved where a disk gets full on the way. */
static int failure(const struct call *call, size_t *size) {
  if (!is_failing_op(call->op) || !strstr(call->path, fail_text) || ++matches < fail_from) return 0;
  if (matches > fail_from || *size < 2 || (fail_errno != ENOSPC && fail_errno != EDQUOT)) return fail_errno;
  *size /= 2;
  return 0;
}

/* Counts a call and lets happen to it what is to happen. One at a time: the order of the trace is that of the disk. */
static long change(const struct call *call) {
  pthread_mutex_lock(&lock);
  int counts = !kill_text[0] || strstr(call->path, kill_text) || strstr(call->other, kill_text);
  int is_last = counts && ++calls == kill_at;
  size_t size = call->is_write ? call->args[2] : 0;
  if (is_last && strcmp(kill_phase, "after") != 0) {
    if (strcmp(kill_phase, "half") == 0) trace(call, make(call, size / 2));
    die();
  }
  int error = failure(call, &size);
  long result = error == 0 ? make(call, size) : -1;
  if (error == 0) error = errno;
  trace(call, result);
  if (is_last) die();
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  struct call call = {.op = flags & O_TRUNC ? "open_trunc" : "open", .number = SYS_openat};
  if (!(flags & O_CREAT) || !path_at(folder, path, call.path)) return syscall(SYS_openat, folder, path, flags, mode);
  memcpy(call.args, (long[]){folder, (long)path, flags, mode}, 4 * sizeof(long));
  return change(&call);
}

/* Where the next write of a file goes. */
static off_t write_offset(int fd) {
  struct stat stat;
  int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && flags & O_APPEND) return fstat(fd, &stat) == 0 ? stat.st_size : 0;
  return lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  struct call call = {.op = "write", .number = SYS_write, .args = {fd, (long)bytes, size}, .is_write = 1};
  if (!path_of(fd, call.path)) return syscall(SYS_write, fd, bytes, size);
  call.offset = write_offset(fd);
  return change(&call);
}

/* One part of it is a correct answer, too. */
ssize_t writev(int fd, const struct iovec *parts, int n) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return syscall(SYS_writev, fd, parts, n);
  for (int i = 0; i < n; i++)
    if (parts[i].iov_len > 0) return write(fd, parts[i].iov_base, parts[i].iov_len);
  return 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset) {
  struct call call = {.op = "write", .number = SYS_pwrite64, .args = {fd, (long)bytes, size, offset}, .is_write = 1, .offset = offset};
  return path_of(fd, call.path) ? change(&call) : syscall(SYS_pwrite64, fd, bytes, size, offset);
}

int fsync(int fd) {
  struct call call = {.op = "fsync", .number = SYS_fsync, .args = {fd}};
  return path_of(fd, call.path) ? change(&call) : syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
  struct call call = {.op = "fdatasync", .number = SYS_fdatasync, .args = {fd}};
  return path_of(fd, call.path) ? change(&call) : syscall(SYS_fdatasync, fd);
}

int ftruncate64(int fd, off_t size) {
  struct call call = {.op = "ftruncate", .number = SYS_ftruncate, .args = {fd, size}, .offset = size};
  return path_of(fd, call.path) ? change(&call) : syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size) {
  return ftruncate64(fd, size);
}

int mkdir(const char *path, mode_t mode) {
  struct call call = {.op = "mkdir", .number = SYS_mkdirat, .args = {AT_FDCWD, (long)path, mode}};
  return path_at(AT_FDCWD, path, call.path) ? change(&call) : syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int unlinkat(int folder, const char *path, int flags) {
  struct call call = {.op = "unlink", .number = SYS_unlinkat, .args = {folder, (long)path, flags}};
  return path_at(folder, path, call.path) ? change(&call) : syscall(SYS_unlinkat, folder, path, flags);
}

int unlink(const char *path) {
  return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path) {
  return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int rename(const char *from, const char *to) {
  struct call call = {.op = "rename", .number = SYS_renameat2, .args = {AT_FDCWD, (long)from, AT_FDCWD, (long)to}};
  path_at(AT_FDCWD, from, call.path);
  return path_at(AT_FDCWD, to, call.other) ? change(&call) : make(&call, 0);
}

int linkat(int folder, const char *from, int new_folder, const char *to, int flags) {
  struct call call = {.op = "link", .number = SYS_linkat, .args = {folder, (long)from, new_folder, (long)to, flags}};
  snprintf(call.path, sizeof call.path, "%s", from);
  return path_at(new_folder, to, call.other) ? change(&call) : make(&call, 0);
}

/* How far the wall clock is off, in seconds. */
static long clock_shift(void) {
  char text[32] = "";
  int fd = clock_path[0] ? syscall(SYS_openat, AT_FDCWD, clock_path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return 0;
  syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += clock_shift();
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int result = syscall(SYS_gettimeofday, now, zone);
  if (result == 0) now->tv_sec += clock_shift();
  return result;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
