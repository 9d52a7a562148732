// TCP: one connection, as many bytes as asked for, with a checksum over them if wanted. Without a checksum
// the programs do as little as they can for each byte: that is for measuring.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/hercules/guest/netrig.h"

static const size_t chunk_bytes = 256 * 1024;

static unsigned char* new_chunk(void) {
  unsigned char* chunk = calloc(1, chunk_bytes);
  if (!chunk) fail("memory");
  return chunk;
}

static void report(const char* what, uint64_t bytes, uint32_t crc, uint64_t started) {
  const uint64_t elapsed = now_ms() - started;
  printf("@@ %s bytes=%llu crc=%08x ms=%llu mbit=%llu\n", what, (unsigned long long)bytes, crc,
         (unsigned long long)elapsed, (unsigned long long)(elapsed ? bytes * 8 / 1000 / elapsed : 0));
}

int tcp_receive(int count, char** words) {
  const struct place here = any_place(words[0]);
  const int with_crc = count > 1;
  const int listener = socket(AF_INET6, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (const struct sockaddr*)&here.address, here.length) || listen(listener, 1))
    fail("tcp-receive");
  printf("@@ listening port=%s\n", words[0]);
  const int connection = accept(listener, 0, 0);
  if (connection < 0) fail("accept");
  const uint64_t started = now_ms();
  unsigned char* chunk = new_chunk();
  uint64_t bytes = 0;
  uint32_t crc = 0;
  ssize_t got;
  while ((got = read(connection, chunk, chunk_bytes)) > 0) {
    if (with_crc) crc = crc32_more(crc, chunk, (size_t)got);
    bytes += (uint64_t)got;
  }
  if (got < 0) fail("read");
  report("tcp_received", bytes, crc, started);
  return 0;
}

int tcp_send(int count, char** words) {
  const struct place there = parse_place(words[0], words[1]);
  const uint64_t wanted = parse_number(words[2]);
  const int with_crc = count > 3;
  const int connection = socket(there.address.ss_family, SOCK_STREAM, 0);
  if (connect(connection, (const struct sockaddr*)&there.address, there.length)) fail("connect");
  const uint64_t started = now_ms();
  unsigned char* chunk = new_chunk();
  uint64_t bytes = 0;
  uint32_t crc = 0;
  while (bytes < wanted) {
    const size_t length = wanted - bytes < chunk_bytes ? (size_t)(wanted - bytes) : chunk_bytes;
    if (with_crc) fill_pattern(chunk, length, wanted, bytes);
    const ssize_t sent = write(connection, chunk, length);
    if (sent <= 0) fail("write");
    if (with_crc) crc = crc32_more(crc, chunk, (size_t)sent);
    bytes += (uint64_t)sent;
  }
  shutdown(connection, SHUT_WR);
  char end;
  if (read(connection, &end, 1) < 0) fail("close");  // the receiver has everything when it closes
  report("tcp_sent", bytes, crc, started);
  return 0;
}
