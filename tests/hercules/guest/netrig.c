#include "tests/hercules/guest/netrig.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// No command outlives this, whatever the network does.
static const unsigned default_limit_seconds = 120;

struct command {
  const char* name;
  int words;  // at least
  int (*run)(int count, char** words);
  const char* help;
};

static const struct command commands[] = {
    {"tcp-receive", 1, tcp_receive, "PORT [crc]"},
    {"tcp-send", 3, tcp_send, "ADDRESS PORT BYTES [crc]"},
    {"udp-receive", 2, udp_receive, "PORT IDLE_MS [GROUP INTERFACE]"},
    {"udp-send", 4, udp_send, "ADDRESS PORT COUNT SIZE[-SIZE] [PER_SECOND]"},
    {"offload", 1, offload, "INTERFACE [FEATURE on|off]..."},
    {"sniff", 2, sniff, "INTERFACE MILLISECONDS"},
};
static const size_t command_count = sizeof(commands) / sizeof(commands[0]);

void fail(const char* what) {
  printf("netrig: %s: %s\n", what, strerror(errno));
  exit(1);
}

uint64_t parse_number(const char* text) { return strtoull(text, 0, 10); }

uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct place parse_place(const char* text, const char* port) {
  struct place place;
  memset(&place, 0, sizeof place);
  struct sockaddr_in* ipv4 = (struct sockaddr_in*)&place.address;
  if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons((uint16_t)parse_number(port));
    place.length = sizeof *ipv4;
    return place;
  }
  struct sockaddr_in6* ipv6 = (struct sockaddr_in6*)&place.address;
  char copy[INET6_ADDRSTRLEN + 1] = "";
  strncat(copy, text, sizeof copy - 1);
  char* scope = strchr(copy, '%');
  if (scope) {
    *scope = '\0';
    ipv6->sin6_scope_id = if_nametoindex(scope + 1);
  }
  if (inet_pton(AF_INET6, copy, &ipv6->sin6_addr) != 1) {
    errno = EINVAL;
    fail(text);
  }
  ipv6->sin6_family = AF_INET6;
  ipv6->sin6_port = htons((uint16_t)parse_number(port));
  place.length = sizeof *ipv6;
  return place;
}

struct place any_place(const char* port) {
  return parse_place("::", port);
}

uint32_t crc32_more(uint32_t crc, const unsigned char* data, size_t length) {
  static uint32_t table[256];
  if (!table[1]) {
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0xEDB88320 : value >> 1;
      table[i] = value;
    }
  }
  crc = ~crc;
  for (size_t i = 0; i < length; ++i) crc = table[(crc ^ data[i]) & 0xFF] ^ crc >> 8;
  return ~crc;
}

void fill_pattern(unsigned char* data, size_t length, uint64_t seed, uint64_t offset) {
  size_t step;
  for (size_t i = 0; i < length; i += step) {
    const uint64_t word =
        htobe64(((offset + i) / 8 + seed + 1) * 0x9E3779B97F4A7C15);  // a multiplicative hash
    const size_t skipped = (offset + i) % 8;
    step = 8 - skipped < length - i ? 8 - skipped : length - i;
    memcpy(data + i, (const unsigned char*)&word + skipped, step);
  }
}

int main(int count, char** words) {
  setvbuf(stdout, 0, _IOLBF, 0);
  const char* limit = getenv("LIMIT");
  alarm(limit ? (unsigned)parse_number(limit) : default_limit_seconds);
  for (size_t i = 0; count > 1 && i < command_count; ++i) {
    if (strcmp(words[1], commands[i].name) == 0 && count - 2 >= commands[i].words) {
      return commands[i].run(count - 2, words + 2);
    }
  }
  for (size_t i = 0; i < command_count; ++i) printf("netrig %s %s\n", commands[i].name, commands[i].help);
  return 2;
}
