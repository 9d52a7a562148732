// netrig: the program that makes and judges traffic inside a guest under test. It is linked statically, runs
// under the guest's Linux, and prints one line per result, "@@ WHAT key=value ...", for the harness to read.
//
// It is a program of the guest, not of vmlan: it uses the guest's own sockets, clock and stdio.
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// A place to send to or to listen at, IPv4 or IPv6; ADDRESS may end in %INTERFACE.
struct place {
  struct sockaddr_storage address;
  socklen_t length;
};

// Prints "netrig: WHAT: reason of errno" and ends the program with exit code 1.
_Noreturn void fail(const char* what);

struct place parse_place(const char* text, const char* port);
struct place any_place(const char* port);
uint64_t parse_number(const char* text);
// Milliseconds of the guest's monotonic clock.
uint64_t now_ms(void);

// CRC-32 (the one of Ethernet and zip) of more bytes; begin with 0.
uint32_t crc32_more(uint32_t crc, const unsigned char* data, size_t length);
// Bytes that follow from `seed` and their place in the stream, the same on every machine.
void fill_pattern(unsigned char* data, size_t length, uint64_t seed, uint64_t offset);

// The commands. Each gets the words after its own name and returns the exit code.
int tcp_receive(int count, char** words);
int tcp_send(int count, char** words);
int udp_receive(int count, char** words);
int udp_send(int count, char** words);
int offload(int count, char** words);
int sniff(int count, char** words);
