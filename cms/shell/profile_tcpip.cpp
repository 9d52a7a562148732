#include "cms/shell/profile_tcpip.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cms/shell/operands.h"
#include "cms/shell/profile_tokens.h"
#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

// The mask an address had before there were subnets (RFC 791).
std::uint32_t class_mask(std::uint32_t address) noexcept {
  if ((address >> 31U) == 0) return subnet_mask(8);
  if ((address >> 30U) == 2) return subnet_mask(16);
  return subnet_mask(24);
}

class Parser {
 public:
  Parser(std::vector<ProfileToken> tokens, std::vector<ProfileError>& errors)
      : tokens_(std::move(tokens)), errors_(errors) {}

  TcpipProfile parse();

 private:
  struct Statement {
    std::string_view keyword;
    void (Parser::*parse)();
    bool list = false;  // goes on over lines, up to the next keyword
  };
  static const std::array<Statement, 7> statements;

  static const Statement* statement(std::string_view word) noexcept;
  bool at_end() const noexcept { return next_ == tokens_.size(); }
  // The statement's words are used up.
  bool ended() const noexcept {
    return at_end() || (!list_ && tokens_[next_].line != line_) || statement(tokens_[next_].text) != nullptr;
  }
  std::string take() { return ended() ? std::string{} : tokens_[next_++].text; }
  std::string_view peek() const noexcept { return ended() ? std::string_view{} : tokens_[next_].text; }
  void skip() {
    while (!ended()) ++next_;
  }
  void fail(std::string reason);

  void parse_device();
  bool parse_device_options(TcpipProfile::Device& device);
  void parse_link();
  void parse_home() { parse_list(&Parser::parse_home_entry); }
  // Entry after entry; a wrong one costs itself only: the list goes on in the next line.
  void parse_list(bool (Parser::*entry)());
  bool parse_home_entry();
  bool parse_home_ipv6(std::string_view word);
  void parse_gateway() { parse_list(&Parser::parse_gateway_entry); }
  void parse_default_net();
  bool parse_gateway_entry();
  bool parse_first_hop(TcpipProfile::Gateway& gateway);
  void parse_start() { set_start(true); }
  void parse_stop() { set_start(false); }
  void set_start(bool start);

  std::vector<ProfileToken> tokens_;
  std::vector<ProfileError>& errors_;
  std::size_t next_ = 0;
  unsigned line_ = 0;        // where the statement begins
  bool list_ = false;        // it may go on in the next line
  unsigned entry_line_ = 0;  // of a list's entry; 0 = none
  std::string_view name_;    // the statement's keyword
  TcpipProfile profile_;
};

const std::array<Parser::Statement, 7> Parser::statements{{
    {"DEVICE", &Parser::parse_device},
    {"LINK", &Parser::parse_link},
    {"HOME", &Parser::parse_home, true},
    {"GATEWAY", &Parser::parse_gateway, true},
    {"DEFAULTNET", &Parser::parse_default_net, true},
    {"START", &Parser::parse_start},
    {"STOP", &Parser::parse_stop},
}};

const Parser::Statement* Parser::statement(std::string_view word) noexcept {
  const auto found = std::ranges::find(statements, word, &Statement::keyword);
  return found == statements.end() ? nullptr : &*found;
}

// Errors in a list (HOME, GATEWAY) are told at the line of the entry, others at the statement's.
void Parser::fail(std::string reason) {
  const unsigned line = entry_line_ != 0 || next_ == 0 ? entry_line_ : tokens_[next_ - 1].line;
  errors_.push_back({std::max(line, line_), std::string(name_), std::move(reason)});
}

TcpipProfile Parser::parse() {
  while (!at_end()) {
    const ProfileToken& first = tokens_[next_++];
    line_ = first.line;
    list_ = false;
    if (const Statement* found = statement(first.text); found != nullptr) {
      name_ = found->keyword;
      list_ = found->list;
      (this->*found->parse)();
    } else {
      name_ = first.text;
      fail("unknown statement");
    }
    skip();
  }
  return std::move(profile_);
}

void Parser::parse_device() {
  TcpipProfile::Device device;
  device.name = take();
  const std::string type = take();
  const auto number = cms::parse_device(take());
  if (device.name.empty()) return fail("the device name is missing");
  if (profile_.device(device.name) != nullptr) return fail("device " + device.name + " is defined already");
  if (type != "OSD" && type != "HIPERS") return fail("device type " + type + " is not OSD or HIPERS");
  if (!number) return fail("the device number is missing or invalid");
  device.kind = type == "OSD" ? qdio::AdapterKind::osd : qdio::AdapterKind::iqd;
  device.number = *number;
  if (parse_device_options(device)) profile_.devices.push_back(device);
}

bool Parser::parse_device_options(TcpipProfile::Device& device) {
  while (!ended()) {
    const std::string option = take();
    if (option == "PORTNAME") {
      device.port_name = take();
      if (device.port_name.size() > 8) {
        fail("port name " + device.port_name + " is longer than 8 characters");
        return false;
      }
    } else if (option == "PORTNUMBER") {
      take();
    } else if (option == "PRIROUTER") {
      device.router = qdio::RouterType::primary;
    } else if (option == "SECROUTER") {
      device.router = qdio::RouterType::secondary;
    } else if (option == "AUTORESTART" || option == "NOAUTORESTART") {
      device.restart_stated = true;
    } else if (option != "NONROUTER") {
      fail("unknown option " + option);
      return false;
    }
  }
  return true;
}

void Parser::parse_link() {
  TcpipProfile::LinkStatement link;
  link.name = take();
  const std::string type = take();
  link.device = take();
  if (link.name.empty()) return fail("the link name is missing");
  if (profile_.link(link.name) != nullptr) return fail("link " + link.name + " is defined already");
  if (type != "QDIOETHERNET" && type != "QDIOIP")
    return fail("link type " + type + " is not QDIOETHERNET or QDIOIP");
  if (profile_.device(link.device) == nullptr) return fail("device " + link.device + " is not defined");
  while (!ended()) {
    const std::string option = take();
    if (option == "MTU") {
      const auto mtu = parse_decimal(take());
      if (!mtu || *mtu < 576 || *mtu > 65535) return fail("the MTU is not a number from 576 to 65535");
      link.mtu = *mtu;
    } else if (option == "ETHERNET") {
      link.transport = qdio::Transport::ethernet;
    } else if (option == "IP") {
      link.transport = qdio::Transport::ip;
    } else if (option != "PATHMTU" && option != "NOPATHMTU") {
      return fail("unknown option " + option);
    }
  }
  profile_.links.push_back(link);
}

void Parser::parse_list(bool (Parser::*entry)()) {
  while (!ended()) {
    const std::size_t start = next_;
    entry_line_ = tokens_[start].line;
    if ((this->*entry)()) continue;
    // Words it took from later lines are theirs.
    for (next_ = start; !at_end() && tokens_[next_].line == entry_line_;) ++next_;
  }
  entry_line_ = 0;
}

bool Parser::parse_home_ipv6(std::string_view word) {
  const auto slash = word.find('/');
  const auto address = wire::parse_ip_address(word.substr(0, slash));
  if (!address || address->is_v4()) return fail("invalid address " + std::string(word)), false;
  if (slash != std::string_view::npos && word.substr(slash + 1) != "64") {
    return fail("the prefix length of an IPv6 address must be 64"), false;
  }
  profile_.homes.push_back({*address, 0, take()});
  return true;
}

bool Parser::parse_home_entry() {
  const std::string word = take();
  if (word.find(':') != std::string::npos) {
    if (!parse_home_ipv6(word)) return false;
  } else {
    const auto address = wire::parse_ip_address(word);
    if (!address) return fail("invalid address " + word), false;
    std::uint32_t mask = class_mask(v4_integer(*address));
    if (const auto stated = wire::parse_ip_address(peek()); stated && stated->is_v4()) {
      mask = v4_integer(*stated);
      take();
    }
    if (!prefix_length(mask)) return fail("invalid subnet mask for " + word), false;
    profile_.homes.push_back({*address, mask, take()});
  }
  const std::string& link = profile_.homes.back().link;
  if (profile_.link(link) != nullptr) return true;
  fail("link " + link + " is not defined");
  profile_.homes.pop_back();
  return false;
}

bool Parser::parse_gateway_entry() {
  TcpipProfile::Gateway gateway;
  const std::string network = take();
  const auto address = wire::parse_ip_address(network);
  const auto mask = wire::parse_ip_address(take());
  if (!address || !address->is_v4()) return fail("invalid network " + network), false;
  if (!mask || !mask->is_v4() || !prefix_length(v4_integer(*mask))) return fail("invalid subnet mask"), false;
  gateway.mask = v4_integer(*mask);
  gateway.network = v4_integer(*address) & gateway.mask;
  return parse_first_hop(gateway);
}

// A DEFAULTNET entry of a GATEWAY list comes here too: it looks like a statement of its own.
void Parser::parse_default_net() {
  TcpipProfile::Gateway gateway;
  const std::size_t start = next_;
  if (!parse_first_hop(gateway)) {
    for (next_ = start; !at_end() && tokens_[next_].line == line_;) ++next_;
  }
  parse_gateway();
}

bool Parser::parse_first_hop(TcpipProfile::Gateway& gateway) {
  const std::string hop = take();
  if (hop != "=") {
    const auto address = wire::parse_ip_address(hop);
    if (!address || !address->is_v4()) return fail("invalid first hop " + hop), false;
    gateway.first_hop = v4_integer(*address);
  }
  gateway.link = take();
  if (profile_.link(gateway.link) == nullptr) return fail("link " + gateway.link + " is not defined"), false;
  const auto mtu = parse_decimal(take());
  if (!mtu) return fail("the packet size is missing or invalid"), false;
  gateway.mtu = *mtu;
  profile_.gateways.push_back(gateway);
  return true;
}

void Parser::set_start(bool start) {
  if (ended()) return fail("the device name is missing");
  while (!ended()) {
    const std::string name = take();
    const auto found = std::ranges::find(profile_.devices, name, &TcpipProfile::Device::name);
    if (found == profile_.devices.end()) return fail("device " + name + " is not defined");
    found->start = start;
  }
}

}  // namespace

const TcpipProfile::Device* TcpipProfile::device(std::string_view name) const noexcept {
  const auto found = std::ranges::find(devices, name, &Device::name);
  return found == devices.end() ? nullptr : &*found;
}

const TcpipProfile::LinkStatement* TcpipProfile::link(std::string_view name) const noexcept {
  const auto found = std::ranges::find(links, name, &LinkStatement::name);
  return found == links.end() ? nullptr : &*found;
}

TcpipProfile parse_profile(std::string_view text, std::vector<ProfileError>& errors) {
  return Parser(profile_tokens(text), errors).parse();
}

}  // namespace vmlan::cms
