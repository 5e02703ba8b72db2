// Open-loop HTTP/1.1 client: requests are due at their times whether or not earlier ones have been answered, as real
// callers' are. Latency counts from when a request was due (no coordinated omission). Answers must have a length.
// Usage: arrivals PORT RATE SECONDS CONNECTIONS REQUEST_FILE [SKIP]   (the file: the raw bytes of one request)
// What was due in the first SKIP seconds is sent but not counted. Prints one JSON line: what was due, answered with
// 200 (`good`), refused with 429 or 503 (`refused`), other or none; good answers per second in the counted time (`goodput`);
// latency percentiles in us of good and refused.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUF 16384
#define MAXN (8 << 20)

typedef struct { int fd; size_t len, want; double due; char buf[BUF]; } Conn;

static char req[1 << 20];
static size_t req_len;
static struct sockaddr_in addr = {.sin_family = AF_INET};
static Conn **idle;
static int ep, n_idle, n_open, n_most;
static long due_count, busy, bad, in_time;
static double count_from, count_to;
static struct { float *lat; long n; } good, refused;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void forget(Conn *c) {
    close(c->fd);
    free(c);
    n_open--;
}

static Conn *open_one(void) {
    int one = 1;
    Conn *c = malloc(sizeof *c);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (void *)&addr, sizeof addr)) { close(c->fd); free(c); return NULL; }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){EPOLLIN, {.ptr = c}});
    c->due = 0;
    n_open++;
    return c;
}

static int issue(double due) {
    Conn *c = n_idle ? idle[--n_idle] : n_open < n_most ? open_one() : NULL;
    if (!c) return 0;
    c->len = c->want = 0;
    c->due = due;
    busy++;
    for (size_t o = 0; o < req_len;) {
        ssize_t n = send(c->fd, req + o, req_len - o, MSG_NOSIGNAL);
        if (n <= 0) break;  // closed by the peer: seen as EOF on the next read
        o += n;
    }
    return 1;
}

static void finish(Conn *c, int ok) {
    int status = ok && c->len > 12 ? atoi(c->buf + 9) : 0;
    double t = now();
    float took = (t - c->due) * 1e6;
    busy--;
    in_time += status == 200 && t >= count_from && t < count_to;
    if (c->due < count_from) return;
    if (status == 200 && good.n < MAXN) good.lat[good.n++] = took;
    else if ((status == 503 || status == 429) && refused.n < MAXN) refused.lat[refused.n++] = took;
    else if (!bad++) fprintf(stderr, "first bad answer: %.300s\n", ok ? c->buf : "(none)");
}

static void readable(Conn *c) {
    ssize_t n = recv(c->fd, c->buf + c->len, BUF - 1 - c->len, 0);
    if (n <= 0) {
        if (c->due) finish(c, 0);
        else
            for (int i = 0; i < n_idle; i++)
                if (idle[i] == c) { idle[i] = idle[--n_idle]; break; }
        forget(c);
        return;
    }
    c->len += n;
    c->buf[c->len] = 0;
    if (!c->want) {
        char *end = memmem(c->buf, c->len, "\r\n\r\n", 4), *cl;
        if (!end) return;
        *end = 0;
        cl = strcasestr(c->buf, "\r\ncontent-length:");
        *end = '\r';
        c->want = cl ? end + 4 - c->buf + strtoul(cl + 17, NULL, 10) : 1;
    }
    if (c->len < c->want) return;
    finish(c, 1);
    c->due = 0;
    idle[n_idle++] = c;
}

static int cmp(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float pct(float *v, long n, double p) { return n ? v[(long)(p * (n - 1))] : 0; }

int main(int argc, char **argv) {
    if (argc < 6) return fprintf(stderr, "usage: %s PORT RATE SECONDS CONNECTIONS REQUEST_FILE [SKIP]\n", argv[0]), 2;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    addr.sin_port = htons(atoi(argv[1]));
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    double rate = atof(argv[2]), seconds = atof(argv[3]), t;
    n_most = atoi(argv[4]);
    FILE *f = fopen(argv[5], "rb");
    if (!f) return perror(argv[5]), 1;
    req_len = fread(req, 1, sizeof req, f);
    good.lat = malloc(MAXN * sizeof(float)), refused.lat = malloc(MAXN * sizeof(float));
    idle = calloc(n_most, sizeof *idle);
    ep = epoll_create1(0);
    srand48(1);
    for (Conn *c; n_open < n_most && (c = open_one());) idle[n_idle++] = c;  // opened before the clock starts
    double begin = now(), end = begin + seconds, due = begin;
    count_to = end;
    count_from = begin + (argc > 6 ? atof(argv[6]) : 0);
    struct epoll_event ev[256];
    while ((t = now()) < end + 5 && (t < end || busy)) {
        while (due <= t && due < end) {
            if (!issue(due)) break;  // every connection is busy: it waits here, and its time runs
            due_count += due >= count_from;
            due -= log(1 - drand48()) / rate;
        }
        for (int i = 0, k = epoll_wait(ep, ev, 256, 1); i < k; i++) readable(ev[i].data.ptr);
    }
    double counted = end - count_from;
    qsort(good.lat, good.n, sizeof(float), cmp), qsort(refused.lat, refused.n, sizeof(float), cmp);
    printf("{\"due\":%ld,\"good\":%ld,\"refused\":%ld,\"bad\":%ld,\"unanswered\":%ld,\"goodput\":%.1f,\"p50\":%.1f,"
           "\"p99\":%.1f,\"refused50\":%.1f,\"refused99\":%.1f}\n",
           due_count, good.n, refused.n, bad, busy, in_time / counted, pct(good.lat, good.n, .5),
           pct(good.lat, good.n, .99), pct(refused.lat, refused.n, .5), pct(refused.lat, refused.n, .99));
    return 0;
}
