/* Counts the calls that change files below a folder, and fails at the n-th of them: preloaded into a process by
 * zygote.py. Python, DuckDB, polars and safetensors all make these calls through libc.
 *
 * fault_arm(folder, point, kind): from now on count; at the point-th call
 *   kind 1: kill this process before the call      kind 2: a write writes half, then kill (others as 1)
 *   kind 3: from this call on, what needs space says ENOSPC      kind 4: this call alone says EIO
 *   kind 5: from this call on, everything that changes a file says EROFS
 * point 0 only counts. fault_count() says how many calls there were.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX];
static size_t folder_length;
static atomic_long count;
static long point;
static int kind;
static char last[64];

enum { TAKES_SPACE = 1, CHANGES = 2, SYNCS = 4 };

void fault_arm(const char *below, long at, int how) {
    strncpy(folder, below, sizeof folder - 1);
    folder_length = strlen(folder);
    atomic_store(&count, 0);
    point = at;
    kind = how;
}
long fault_count(void) { return atomic_load(&count); }

static int below(const char *path) {
    return folder_length && path && !strncmp(path, folder, folder_length) &&
           (path[folder_length] == '/' || !path[folder_length]);
}
static int fd_below(int fd) {
    if (!folder_length || fd < 3) return 0;
    char name[64], path[PATH_MAX];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return below(path);
}
static int at_below(int dir, const char *path) {
    if (!folder_length || !path) return 0;
    if (path[0] == '/') return below(path);
    if (dir != AT_FDCWD) return fd_below(dir);
    return 0; /* all of the program's paths are absolute */
}
static void die(void) { syscall(SYS_kill, getpid(), SIGKILL); for (;;) pause(); }

/* Returns an errno to fail with, -1 to write half and die, 0 to go on. */
static int met(const char *name, int what) {
    long n = atomic_fetch_add(&count, 1) + 1;
    const char *log = getenv("FAULT_LOG");
    if (log) dprintf(2, "%ld %s\n", n, name);
    if (!point || n < point) return 0;
    strncpy(last, name, sizeof last - 1);
    switch (kind) {
    case 1: if (n == point) die(); return 0;
    case 2: if (n == point) { if (what & TAKES_SPACE) return -1; die(); } return 0;
    case 3: return what & TAKES_SPACE ? ENOSPC : 0;
    case 4: return n == point ? EIO : 0;
    case 5: return what & CHANGES ? EROFS : 0;
    }
    return 0;
}
const char *fault_last(void) { return last; }

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)
#define FAIL(call, what, value) \
    do { int e = met(call, what); if (e == -1) die(); if (e > 0) { errno = e; return value; } } while (0)

#define WRITES (O_WRONLY | O_RDWR)
static int creates(int flags) { return (flags & O_CREAT) || ((flags & WRITES) && (flags & O_TRUNC)); }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (creates(flags) && at_below(AT_FDCWD, path)) FAIL("open", TAKES_SPACE | CHANGES, -1); \
        return real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
#define OPENAT(name) \
    int name(int dir, const char *path, int flags, ...) { \
        REAL(int, name, int, const char *, int, ...); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (creates(flags) && at_below(dir, path)) FAIL("openat", TAKES_SPACE | CHANGES, -1); \
        return real(dir, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)
#define FOPEN(name) \
    FILE *name(const char *path, const char *mode) { \
        REAL(FILE *, name, const char *, const char *); \
        if (mode[0] != 'r' && below(path)) FAIL("fopen", TAKES_SPACE | CHANGES, NULL); \
        return real(path, mode); \
    }
FOPEN(fopen)
FOPEN(fopen64)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (fd_below(fd)) {
        int e = met("write", TAKES_SPACE | CHANGES);
        if (e == -1) { real(fd, data, size / 2); die(); }
        if (e > 0) { errno = e; return -1; }
    }
    return real(fd, data, size);
}
#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t size, off64_t at) { \
        REAL(ssize_t, name, int, const void *, size_t, off64_t); \
        if (fd_below(fd)) { \
            int e = met("pwrite", TAKES_SPACE | CHANGES); \
            if (e == -1) { real(fd, data, size / 2, at); die(); } \
            if (e > 0) { errno = e; return -1; } \
        } \
        return real(fd, data, size, at); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)
ssize_t writev(int fd, const struct iovec *parts, int n) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    if (fd_below(fd)) {
        int e = met("writev", TAKES_SPACE | CHANGES);
        if (e == -1) { real(fd, parts, n / 2); die(); }
        if (e > 0) { errno = e; return -1; }
    }
    return real(fd, parts, n);
}
ssize_t sendfile(int out, int in, off_t *at, size_t size) {
    REAL(ssize_t, sendfile, int, int, off_t *, size_t);
    if (fd_below(out)) FAIL("sendfile", TAKES_SPACE | CHANGES, -1);
    return real(out, in, at, size);
}
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned);
    if (fd_below(out)) FAIL("copy_file_range", TAKES_SPACE | CHANGES, -1);
    return real(in, from, out, to, size, flags);
}

#define ON_FD(type, name, what, params, args) \
    type name params { \
        static type (*real) params; \
        if (!real) real = (type(*) params)dlsym(RTLD_NEXT, #name); \
        if (fd_below(fd)) FAIL(#name, what, -1); \
        return real args; \
    }
ON_FD(int, fsync, SYNCS, (int fd), (fd))
ON_FD(int, fdatasync, SYNCS, (int fd), (fd))
ON_FD(int, ftruncate, CHANGES, (int fd, off_t n), (fd, n))
ON_FD(int, ftruncate64, CHANGES, (int fd, off64_t n), (fd, n))
ON_FD(int, fchmod, CHANGES, (int fd, mode_t m), (fd, m))
ON_FD(int, fallocate, TAKES_SPACE | CHANGES, (int fd, int m, off_t a, off_t n), (fd, m, a, n))
ON_FD(int, fallocate64, TAKES_SPACE | CHANGES, (int fd, int m, off64_t a, off64_t n), (fd, m, a, n))
int posix_fallocate(int fd, off_t at, off_t n) {
    REAL(int, posix_fallocate, int, off_t, off_t);
    if (fd_below(fd)) { int e = met("posix_fallocate", TAKES_SPACE | CHANGES); if (e == -1) die(); if (e) return e; }
    return real(fd, at, n);
}
int posix_fallocate64(int fd, off64_t at, off64_t n) {
    REAL(int, posix_fallocate64, int, off64_t, off64_t);
    if (fd_below(fd)) { int e = met("posix_fallocate", TAKES_SPACE | CHANGES); if (e == -1) die(); if (e) return e; }
    return real(fd, at, n);
}

#define ON_PATH(type, name, what, path, params, args) \
    type name params { \
        static type (*real) params; \
        if (!real) real = (type(*) params)dlsym(RTLD_NEXT, #name); \
        if (path) FAIL(#name, what, -1); \
        return real args; \
    }
ON_PATH(int, rename, CHANGES, below(to), (const char *from, const char *to), (from, to))
ON_PATH(int, renameat, CHANGES, at_below(d2, to), (int d1, const char *from, int d2, const char *to), (d1, from, d2, to))
ON_PATH(int, link, CHANGES, below(to), (const char *from, const char *to), (from, to))
ON_PATH(int, linkat, CHANGES, at_below(d2, to), (int d1, const char *from, int d2, const char *to, int f), (d1, from, d2, to, f))
ON_PATH(int, symlink, CHANGES, below(to), (const char *from, const char *to), (from, to))
ON_PATH(int, unlink, CHANGES, below(path), (const char *path), (path))
ON_PATH(int, unlinkat, CHANGES, at_below(dir, path), (int dir, const char *path, int f), (dir, path, f))
ON_PATH(int, rmdir, CHANGES, below(path), (const char *path), (path))
ON_PATH(int, mkdir, TAKES_SPACE | CHANGES, below(path), (const char *path, mode_t m), (path, m))
ON_PATH(int, mkdirat, TAKES_SPACE | CHANGES, at_below(dir, path), (int dir, const char *path, mode_t m), (dir, path, m))
ON_PATH(int, chmod, CHANGES, below(path), (const char *path, mode_t m), (path, m))
ON_PATH(int, fchmodat, CHANGES, at_below(dir, path), (int dir, const char *path, mode_t m, int f), (dir, path, m, f))
ON_PATH(int, truncate, CHANGES, below(path), (const char *path, off_t n), (path, n))
ON_PATH(int, truncate64, CHANGES, below(path), (const char *path, off64_t n), (path, n))
