/* Counts the calls of a program that change the disk, and ends or stops it at one of them: a point that
 * is exact and comes again, where a signal from outside comes at any time.
 *
 *   cc -shared -fPIC -o kill.so kill.c -ldl
 *   LD_PRELOAD=./kill.so KILL_LOG=calls COMMAND      one line a call: its name and its path
 *   LD_PRELOAD=./kill.so KILL_AT=7 COMMAND           SIGKILL before the seventh; of a write, half is written
 *   LD_PRELOAD=./kill.so KILL_AT=x.json COMMAND      SIGKILL before the first whose line has this text
 *   LD_PRELOAD=./kill.so KILL_AT=7 KILL_STOP=1 COMMAND   SIGSTOP before it, as if it were slow there
 *
 * Calls that a program makes without libc (renameat2 by rustix) are not seen. The states before and after
 * such a call are seen all the same, at the counted calls around it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long at;
static const char *text; /* of the line, where KILL_AT is no number */
static atomic_int seen;
static int stops, log_file = -1;

static ssize_t (*real_write)(int, const void *, size_t);

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    const char *number = getenv("KILL_AT"), *path = getenv("KILL_LOG");
    char *rest = "";
    at = number ? strtol(number, &rest, 10) : 0;
    text = *rest ? number : NULL;
    stops = getenv("KILL_STOP") != NULL;
    if (path) {
        int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
        log_file = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }
    unsetenv("LD_PRELOAD"); /* what the program starts is not counted */
}

/* Whether this is the call. */
static int reached(const char *name, const char *path) {
    long call = atomic_fetch_add(&calls, 1) + 1;
    char line[512];
    int length = snprintf(line, sizeof line, "%s %.400s\n", name, path ? path : "");
    if (log_file >= 0)
        real_write(log_file, line, (size_t)length);
    if (text)
        return strstr(line, text) && !atomic_exchange(&seen, 1);
    return call == at;
}

static void end(void) {
    kill(getpid(), stops ? SIGSTOP : SIGKILL);
    while (!stops)
        pause();
}

static void count(const char *name, const char *path) {
    if (reached(name, path))
        end();
}

/* Pipes and terminals are no disk. */
static int on_disk(int file) {
    struct stat found;
    return fstat(file, &found) == 0 && S_ISREG(found.st_mode);
}

#define REAL(name)                                                                                  \
    static typeof(&name) real;                                                                      \
    if (!real)                                                                                      \
    real = dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t length) {
    if (on_disk(file) && reached("write", NULL)) {
        if (!stops)
            real_write(file, bytes, length / 2);
        end();
    }
    return real_write(file, bytes, length);
}

ssize_t writev(int file, const struct iovec *parts, int count_of_parts) {
    REAL(writev);
    if (on_disk(file))
        count("writev", NULL);
    return real(file, parts, count_of_parts);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    REAL(pwrite64);
    if (on_disk(file) && reached("pwrite", NULL)) {
        if (!stops)
            real(file, bytes, length / 2, offset);
        end();
    }
    return real(file, bytes, length, offset);
}

ssize_t copy_file_range(int from, off64_t *at_from, int to, off64_t *at_to, size_t length, unsigned flags) {
    REAL(copy_file_range);
    count("copy_file_range", NULL);
    return real(from, at_from, to, at_to, length, flags);
}

int rename(const char *from, const char *to) {
    REAL(rename);
    count("rename", to);
    return real(from, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    REAL(renameat2);
    count("renameat2", to);
    return real(from_dir, from, to_dir, to, flags);
}

int unlink(const char *path) {
    REAL(unlink);
    count("unlink", path);
    return real(path);
}

int unlinkat(int dir, const char *path, int flags) {
    REAL(unlinkat);
    count("unlinkat", path);
    return real(dir, path, flags);
}

int rmdir(const char *path) {
    REAL(rmdir);
    count("rmdir", path);
    return real(path);
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    count("mkdir", path);
    return real(path, mode);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    REAL(linkat);
    count("linkat", to);
    return real(from_dir, from, to_dir, to, flags);
}

int symlink(const char *target, const char *path) {
    REAL(symlink);
    count("symlink", path);
    return real(target, path);
}

int fsync(int file) {
    REAL(fsync);
    count("fsync", NULL);
    return real(file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    count("fdatasync", NULL);
    return real(file);
}

int ftruncate64(int file, off64_t length) {
    REAL(ftruncate64);
    count("ftruncate", NULL);
    return real(file, length);
}

/* The mode is there where a file may be made. */
static mode_t mode_of(int flags, va_list rest) {
    return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(rest, int) : 0;
}

int open64(const char *path, int flags, ...) {
    REAL(open64);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    if (flags & (O_CREAT | O_TRUNC))
        count("open", path);
    return real(path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...) {
    REAL(openat64);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    if (flags & (O_CREAT | O_TRUNC))
        count("open", path);
    return real(dir, path, flags, mode);
}
