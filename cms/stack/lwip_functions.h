// lwIP's functions and data as one private copy of the library has them (raw API, main-loop mode).
// The names are lwIP's own. Calling ::tcp_new() instead of functions.tcp_new() does not link.
#pragma once

#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/inet_chksum.h>
#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/nd6.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/priv/nd6_priv.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/raw.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <netif/ethernet.h>

#include <string>

#include "cms/stack/lwip_library.h"

namespace vmlan::cms {

struct LwipFunctions {
  decltype(&::lwip_init) lwip_init;
  decltype(&::sys_check_timeouts) sys_check_timeouts;
  decltype(&::sys_timeouts_sleeptime) sys_timeouts_sleeptime;

  decltype(&::netif_add) netif_add;
  decltype(&::netif_set_up) netif_set_up;
  decltype(&::netif_set_link_up) netif_set_link_up;
  decltype(&::netif_set_link_down) netif_set_link_down;
  decltype(&::netif_set_default) netif_set_default;
  decltype(&::netif_set_addr) netif_set_addr;
  decltype(&::netif_add_ip6_address) netif_add_ip6_address;
  decltype(&::netif_create_ip6_linklocal_address) netif_create_ip6_linklocal_address;
  decltype(&::netif_ip6_addr_set_state) netif_ip6_addr_set_state;
  decltype(&::netif_poll) netif_poll;
  decltype(&::ip_input) ip_input;
  decltype(&::ip4_output_if_src) ip4_output_if_src;
  decltype(&::inet_chksum) inet_chksum;
  decltype(&::ethip6_output) ethip6_output;
  decltype(&::ethernet_input) ethernet_input;
  decltype(&::etharp_output) etharp_output;
  decltype(&::etharp_query) etharp_query;
  decltype(&::etharp_get_entry) etharp_get_entry;
  decltype(&::etharp_cleanup_netif) etharp_cleanup_netif;
  decltype(&::nd6_cleanup_netif) nd6_cleanup_netif;

  decltype(&::pbuf_alloc) pbuf_alloc;
  decltype(&::pbuf_free) pbuf_free;
  decltype(&::pbuf_take) pbuf_take;
  decltype(&::pbuf_copy_partial) pbuf_copy_partial;
  decltype(&::pbuf_remove_header) pbuf_remove_header;

  decltype(&::raw_new_ip_type) raw_new_ip_type;
  decltype(&::raw_remove) raw_remove;
  decltype(&::raw_recv) raw_recv;
  decltype(&::raw_sendto) raw_sendto;

  decltype(&::udp_new_ip_type) udp_new_ip_type;
  decltype(&::udp_remove) udp_remove;
  decltype(&::udp_bind) udp_bind;
  decltype(&::udp_recv) udp_recv;
  decltype(&::udp_sendto) udp_sendto;

  decltype(&::tcp_new_ip_type) tcp_new_ip_type;
  decltype(&::tcp_arg) tcp_arg;
  decltype(&::tcp_recv) tcp_recv;
  decltype(&::tcp_sent) tcp_sent;
  decltype(&::tcp_err) tcp_err;
  decltype(&::tcp_accept) tcp_accept;
  decltype(&::tcp_bind) tcp_bind;
  decltype(&::tcp_listen_with_backlog) tcp_listen_with_backlog;
  decltype(&::tcp_connect) tcp_connect;
  decltype(&::tcp_recved) tcp_recved;
  decltype(&::tcp_write) tcp_write;
  decltype(&::tcp_output) tcp_output;
  decltype(&::tcp_close) tcp_close;
  decltype(&::tcp_shutdown) tcp_shutdown;
  decltype(&::tcp_abort) tcp_abort;

  decltype(&::netif_list) netif_list;
  decltype(&::tcp_active_pcbs) tcp_active_pcbs;
  decltype(&::tcp_tw_pcbs) tcp_tw_pcbs;
  decltype(&::tcp_listen_pcbs) tcp_listen_pcbs;
  decltype(&::udp_pcbs) udp_pcbs;
  nd6_neighbor_cache_entry* neighbor_cache;    // LWIP_ND6_NUM_NEIGHBORS entries
  nd6_router_list_entry* default_router_list;  // LWIP_ND6_NUM_ROUTERS entries
};

// Looks every name up in `library`; false: `error` names the first one missing.
bool resolve(const LwipLibrary& library, LwipFunctions& functions, std::string& error);

}  // namespace vmlan::cms
