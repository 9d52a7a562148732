#include "cms/stack/lwip_functions.h"

namespace vmlan::cms {
namespace {

class Resolver {
 public:
  Resolver(const LwipLibrary& library, std::string& error) : library_(library), error_(error) {}

  template <class Pointer>
  void operator()(Pointer& pointer, const char* name) {
    void* address = library_.symbol(name);
    if (address == nullptr && complete_) {
      complete_ = false;
      error_ = std::string("this build of lwIP has no ") + name;
    }
    pointer = reinterpret_cast<Pointer>(address);
  }

  bool complete() const noexcept { return complete_; }

 private:
  const LwipLibrary& library_;
  std::string& error_;
  bool complete_ = true;
};

void resolve_stack(Resolver& resolve, LwipFunctions& functions) {
  resolve(functions.lwip_init, "lwip_init");
  resolve(functions.sys_check_timeouts, "sys_check_timeouts");
  resolve(functions.sys_timeouts_sleeptime, "sys_timeouts_sleeptime");
  resolve(functions.netif_add, "netif_add");
  resolve(functions.netif_set_up, "netif_set_up");
  resolve(functions.netif_set_link_up, "netif_set_link_up");
  resolve(functions.netif_set_link_down, "netif_set_link_down");
  resolve(functions.netif_set_default, "netif_set_default");
  resolve(functions.netif_set_addr, "netif_set_addr");
  resolve(functions.netif_add_ip6_address, "netif_add_ip6_address");
  resolve(functions.netif_create_ip6_linklocal_address, "netif_create_ip6_linklocal_address");
  resolve(functions.netif_ip6_addr_set_state, "netif_ip6_addr_set_state");
  resolve(functions.netif_poll, "netif_poll");
  resolve(functions.ip_input, "ip_input");
  resolve(functions.ip4_output_if_src, "ip4_output_if_src");
  resolve(functions.inet_chksum, "inet_chksum");
  resolve(functions.ethip6_output, "ethip6_output");
  resolve(functions.ethernet_input, "ethernet_input");
  resolve(functions.etharp_output, "etharp_output");
  resolve(functions.etharp_query, "etharp_query");
  resolve(functions.etharp_get_entry, "etharp_get_entry");
  resolve(functions.etharp_cleanup_netif, "etharp_cleanup_netif");
  resolve(functions.nd6_cleanup_netif, "nd6_cleanup_netif");
  resolve(functions.pbuf_alloc, "pbuf_alloc");
  resolve(functions.pbuf_free, "pbuf_free");
  resolve(functions.pbuf_take, "pbuf_take");
  resolve(functions.pbuf_copy_partial, "pbuf_copy_partial");
  resolve(functions.pbuf_remove_header, "pbuf_remove_header");
}

void resolve_sockets(Resolver& resolve, LwipFunctions& functions) {
  resolve(functions.raw_new_ip_type, "raw_new_ip_type");
  resolve(functions.raw_remove, "raw_remove");
  resolve(functions.raw_recv, "raw_recv");
  resolve(functions.raw_sendto, "raw_sendto");
  resolve(functions.udp_new_ip_type, "udp_new_ip_type");
  resolve(functions.udp_remove, "udp_remove");
  resolve(functions.udp_bind, "udp_bind");
  resolve(functions.udp_recv, "udp_recv");
  resolve(functions.udp_sendto, "udp_sendto");
  resolve(functions.tcp_new_ip_type, "tcp_new_ip_type");
  resolve(functions.tcp_arg, "tcp_arg");
  resolve(functions.tcp_recv, "tcp_recv");
  resolve(functions.tcp_sent, "tcp_sent");
  resolve(functions.tcp_err, "tcp_err");
  resolve(functions.tcp_accept, "tcp_accept");
  resolve(functions.tcp_bind, "tcp_bind");
  resolve(functions.tcp_listen_with_backlog, "tcp_listen_with_backlog");
  resolve(functions.tcp_connect, "tcp_connect");
  resolve(functions.tcp_recved, "tcp_recved");
  resolve(functions.tcp_write, "tcp_write");
  resolve(functions.tcp_output, "tcp_output");
  resolve(functions.tcp_close, "tcp_close");
  resolve(functions.tcp_shutdown, "tcp_shutdown");
  resolve(functions.tcp_abort, "tcp_abort");
}

void resolve_data(Resolver& resolve, LwipFunctions& functions) {
  resolve(functions.netif_list, "netif_list");
  resolve(functions.tcp_active_pcbs, "tcp_active_pcbs");
  resolve(functions.tcp_tw_pcbs, "tcp_tw_pcbs");
  resolve(functions.tcp_listen_pcbs, "tcp_listen_pcbs");
  resolve(functions.udp_pcbs, "udp_pcbs");
  resolve(functions.neighbor_cache, "neighbor_cache");
  resolve(functions.default_router_list, "default_router_list");
}

}  // namespace

bool resolve(const LwipLibrary& library, LwipFunctions& functions, std::string& error) {
  Resolver resolver(library, error);
  resolve_stack(resolver, functions);
  resolve_sockets(resolver, functions);
  resolve_data(resolver, functions);
  return resolver.complete();
}

}  // namespace vmlan::cms
