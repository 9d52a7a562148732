// The interface itself: what it computes for the stack (ethtool's offloads), and which frames reach it.
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/hercules/guest/netrig.h"

struct feature {
  const char* name;
  uint32_t get, set;
};

static const struct feature features[] = {
    {"rx", ETHTOOL_GRXCSUM, ETHTOOL_SRXCSUM}, {"tx", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM},
    {"sg", ETHTOOL_GSG, ETHTOOL_SSG},         {"tso", ETHTOOL_GTSO, ETHTOOL_STSO},
    {"gso", ETHTOOL_GGSO, ETHTOOL_SGSO},      {"gro", ETHTOOL_GGRO, ETHTOOL_SGRO},
};
static const size_t feature_count = sizeof(features) / sizeof(features[0]);

static int ethtool(const char* interface, uint32_t command, uint32_t* value) {
  const int sock = socket(AF_INET, SOCK_DGRAM, 0);
  struct ethtool_value request = {command, *value};
  struct ifreq ifreq;
  memset(&ifreq, 0, sizeof ifreq);
  strncpy(ifreq.ifr_name, interface, IFNAMSIZ - 1);
  ifreq.ifr_data = (void*)&request;
  const int rc = ioctl(sock, SIOCETHTOOL, &ifreq);
  const int reason = errno;
  close(sock);
  errno = reason;
  *value = request.data;
  return rc;
}

static void set_feature(const char* interface, const char* name, const char* state) {
  for (size_t i = 0; i < feature_count; ++i) {
    uint32_t value = strcmp(state, "on") == 0;
    if (strcmp(features[i].name, name) != 0) continue;
    if (ethtool(interface, features[i].set, &value)) fail(name);
    return;
  }
  errno = EINVAL;
  fail(name);
}

int offload(int count, char** words) {
  for (int i = 1; i + 1 < count; i += 2) set_feature(words[0], words[i], words[i + 1]);
  printf("@@ offload");
  for (size_t i = 0; i < feature_count; ++i) {
    uint32_t value = 0;
    if (ethtool(words[0], features[i].get, &value))
      printf(" %s=none", features[i].name);
    else
      printf(" %s=%s", features[i].name, value ? "on" : "off");
  }
  printf("\n");
  return 0;
}

int sniff(int count, char** words) {
  (void)count;
  const uint64_t end = now_ms() + parse_number(words[1]);
  const int sock = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
  struct sockaddr_ll link;
  memset(&link, 0, sizeof link);
  link.sll_family = AF_PACKET;
  link.sll_protocol = htons(ETH_P_ALL);
  link.sll_ifindex = (int)if_nametoindex(words[0]);
  if (bind(sock, (const struct sockaddr*)&link, sizeof link)) fail("sniff");
  printf("@@ sniffing\n");
  uint64_t by_type[PACKET_OUTGOING + 1] = {0};
  struct pollfd waiting = {sock, POLLIN, 0};
  for (uint64_t now = now_ms(); now < end; now = now_ms()) {
    unsigned char data[64];
    socklen_t length = sizeof link;
    if (poll(&waiting, 1, (int)(end - now)) <= 0) continue;
    if (recvfrom(sock, data, sizeof data, 0, (struct sockaddr*)&link, &length) < 0) continue;
    if (link.sll_pkttype <= PACKET_OUTGOING) ++by_type[link.sll_pkttype];
  }
  printf("@@ sniffed mine=%llu broadcast=%llu multicast=%llu foreign=%llu sent=%llu\n",
         (unsigned long long)by_type[PACKET_HOST], (unsigned long long)by_type[PACKET_BROADCAST],
         (unsigned long long)by_type[PACKET_MULTICAST], (unsigned long long)by_type[PACKET_OTHERHOST],
         (unsigned long long)by_type[PACKET_OUTGOING]);
  return 0;
}
