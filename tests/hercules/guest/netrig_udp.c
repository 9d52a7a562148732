// UDP: numbered datagrams whose bytes follow from their number, so that the receiver can tell what was lost,
// came twice, out of order, or changed on the way.
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/hercules/guest/netrig.h"

// What every datagram opens with, in network byte order.
struct opening {
  uint32_t number;
  uint32_t of;
};

static const size_t largest_datagram = 65507;
static const uint32_t most_datagrams = 4000000;

struct tally {
  uint64_t received, bytes, bad, twice, late;
  uint32_t highest, of;
};

static void judge(struct tally* tally, unsigned char* seen, const unsigned char* data, size_t length) {
  static unsigned char expected[65536];
  struct opening opening;
  if (length < sizeof opening) {
    ++tally->bad;
    return;
  }
  memcpy(&opening, data, sizeof opening);
  const uint32_t number = ntohl(opening.number);
  fill_pattern(expected, length - sizeof opening, number, 0);
  if (number >= most_datagrams || memcmp(data + sizeof opening, expected, length - sizeof opening) != 0) {
    ++tally->bad;
    return;
  }
  if (seen[number / 8] & 1 << number % 8) ++tally->twice;
  seen[number / 8] |= (unsigned char)(1 << number % 8);
  if (number < tally->highest)
    ++tally->late;
  else
    tally->highest = number;
  tally->of = ntohl(opening.of);
  ++tally->received;
  tally->bytes += length;
}

static void join(int sock, const char* group, const char* interface) {
  struct group_req request;
  memset(&request, 0, sizeof request);
  const struct place place = parse_place(group, "0");
  memcpy(&request.gr_group, &place.address, place.length);
  request.gr_interface = if_nametoindex(interface);
  const int level = place.address.ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
  if (setsockopt(sock, level, MCAST_JOIN_GROUP, &request, sizeof request)) fail("join");
}

int udp_receive(int count, char** words) {
  const int idle_ms = (int)parse_number(words[1]);
  const int ipv4_group = count > 3 && !strchr(words[2], ':');
  const struct place here = ipv4_group ? parse_place("0.0.0.0", words[0]) : any_place(words[0]);
  const int sock = socket(here.address.ss_family, SOCK_DGRAM, 0);
  const int buffer = 8 << 20;
  setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  if (bind(sock, (const struct sockaddr*)&here.address, here.length)) fail("udp-receive");
  if (count > 3) join(sock, words[2], words[3]);
  printf("@@ listening port=%s\n", words[0]);
  unsigned char* seen = calloc(1, most_datagrams / 8);
  unsigned char* data = malloc(65536);
  if (!seen || !data) fail("memory");
  struct tally tally;
  memset(&tally, 0, sizeof tally);
  struct pollfd waiting = {sock, POLLIN, 0};
  uint64_t started = 0, last = 0;
  // The first datagram may take its time; the harness ends a receiver that nothing reaches.
  while (poll(&waiting, 1, started ? idle_ms : 10 * idle_ms) > 0) {
    const ssize_t length = recv(sock, data, 65536, 0);
    if (length < 0) fail("recv");
    last = now_ms();
    if (!started) started = last;
    judge(&tally, seen, data, (size_t)length);
  }
  const uint64_t distinct = tally.received - tally.twice;
  printf("@@ udp_received count=%llu of=%u lost=%llu bad=%llu twice=%llu late=%llu bytes=%llu ms=%llu\n",
         (unsigned long long)tally.received, tally.of, (unsigned long long)(tally.of - distinct),
         (unsigned long long)tally.bad, (unsigned long long)tally.twice, (unsigned long long)tally.late,
         (unsigned long long)tally.bytes, (unsigned long long)(last - started));
  return 0;
}

// A multicast datagram leaves by the interface that the address names, and is not looped back to the sender.
static void aim(int sock, const struct place* there) {
  const int off = 0;
  if (there->address.ss_family == AF_INET) {
    setsockopt(sock, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof off);
    return;
  }
  const unsigned interface = ((const struct sockaddr_in6*)&there->address)->sin6_scope_id;
  setsockopt(sock, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &off, sizeof off);
  if (interface) setsockopt(sock, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface, sizeof interface);
}

// How many more sizes than the first: "64" is always 64, "64-66" is 64, 65, 66, 64, ...
static size_t sizes(const char* text, size_t* first) {
  const char* dash = strchr(text, '-');
  *first = (size_t)parse_number(text);
  const size_t last = dash ? (size_t)parse_number(dash + 1) : *first;
  if (*first < sizeof(struct opening) || last < *first || last > largest_datagram) {
    errno = EINVAL;
    fail("size");
  }
  return last - *first + 1;
}

int udp_send(int count, char** words) {
  const struct place there = parse_place(words[0], words[1]);
  const uint32_t datagrams = (uint32_t)parse_number(words[2]);
  size_t first;
  const size_t range = sizes(words[3], &first);
  const uint64_t per_second = count > 4 ? parse_number(words[4]) : 0;
  const int sock = socket(there.address.ss_family, SOCK_DGRAM, 0);
  const int on = 1;
  setsockopt(sock, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  aim(sock, &there);
  if (connect(sock, (const struct sockaddr*)&there.address, there.length)) fail("connect");
  unsigned char* data = malloc(largest_datagram);
  if (!data) fail("memory");
  uint64_t refused = 0;
  const uint64_t started = now_ms();
  for (uint32_t number = 0; number < datagrams; ++number) {
    const struct opening opening = {htonl(number), htonl(datagrams)};
    const size_t length = first + number % range;
    memcpy(data, &opening, sizeof opening);
    fill_pattern(data + sizeof opening, length - sizeof opening, number, 0);
    while (per_second && (now_ms() - started) * per_second < (uint64_t)number * 1000) usleep(1000);
    if (send(sock, data, length, 0) < 0) ++refused;
  }
  printf("@@ udp_sent count=%u refused=%llu ms=%llu\n", datagrams, (unsigned long long)refused,
         (unsigned long long)(now_ms() - started));
  return 0;
}
