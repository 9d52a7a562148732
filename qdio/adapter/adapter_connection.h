// The inside of an adapter: which channels its driver activated, how far the handshake is, tokens and
// sequence numbers. Answers IDX ACTIVATE and the five MPC exchanges; IPA commands go on to the data path's
// Ipa.
//
// Order: IDX on both channels (either first), CM_ENABLE, CM_SETUP, ULP_ENABLE, and for each data path
// ULP_SETUP, DM_ACT, IPA. A repeated step starts over from there; a step too early gets no answer, as from a
// real channel.
//
// A driver says in ULP_ENABLE for the first time which layer it wants. If the port refuses it, the answer is
// IDX TERMINATE with cause 41 on the read channel instead of a reply, and both channels need a new IDX
// ACTIVATE. Source: Linux treats that cause as "transport mode not supported" whenever it comes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qdio/adapter/adapter.h"
#include "qdio/adapter/idx.h"
#include "qdio/adapter/ipa.h"
#include "qdio/adapter/mpc.h"

namespace vmlan::qdio {

// The adapter's own tokens: EBCDIC "VML1", "VML2"... A session has channels of its own, so they need not be
// unique but within it. Data paths have the fifth and those after it, at most 255 of them.
constexpr Token device_token(unsigned number) noexcept {
  return {0xe5, 0xd4, 0xd3, static_cast<std::uint8_t>(0xf0 + number)};
}

// What has been done so far, in order.
enum class HandshakePhase : std::uint8_t {
  channels,  // IDX ACTIVATE on both or not yet
  cm_enabled,
  cm_set_up,
  ulp_enabled,
  ulp_set_up,
  established,  // DM_ACT: IPA commands are answered
};

// One step forward, or any number back.
constexpr bool may_follow(HandshakePhase from, HandshakePhase to) noexcept {
  return static_cast<unsigned>(to) <= static_cast<unsigned>(from) + 1;
}

class Adapter::Connection {
 public:
  Connection(const AdapterIdentity& identity, AdapterPorts& ports, ControlReplies& replies);

  void receive(unsigned device_index, std::span<const std::byte> message);
  std::optional<unsigned> read_device() const noexcept { return read_device_; }
  std::optional<unsigned> write_device() const noexcept { return write_device_; }
  void reset();
  void reset(AdapterPort& port);
  bool has(const AdapterPort& port) const noexcept;
  void notify(AdapterPort& port, IpaCommand event);

 private:
  using Body = std::span<const std::byte>;
  struct DataPath {
    DataPathName name;
    AdapterPort& port;
    Token token;  // ours
    Ipa ipa;
    Token guest{};
    HandshakePhase phase = HandshakePhase::ulp_enabled;  // or beyond it
  };
  struct Exchange {
    MessageType type;
    MpcCommand command;
    HandshakePhase to;
    std::optional<Message> (Connection::*answer)(Body);
  };
  struct DataPathExchange {
    MpcCommand command;  // of the upper layer
    HandshakePhase to;
    DataPath* (Connection::*find)(Body);
    std::optional<Message> (Connection::*answer)(DataPath&, Body);
  };
  static std::span<const Exchange> exchanges() noexcept;
  static std::span<const DataPathExchange> data_path_exchanges() noexcept;

  void activate_channel(unsigned device_index, const IdxRequest& request);
  void name_data_paths(unsigned device_index, const IdxRequest& request);
  void terminate(std::uint8_t cause);
  void exchange(const Pdu& pdu);
  void exchange(const Exchange& entry, const Pdu& pdu);
  void exchange(const DataPathExchange& entry, const Pdu& pdu);
  void take_down(MpcCommand command, const Pdu& pdu);
  void answer_ipa(const Pdu& pdu);
  void send(MessageType type, const Token& guest, std::uint32_t acknowledged, Body body);

  // The data path that is set up and has this token of ours; the only one, whatever the token.
  DataPath* set_up(const Token& token) noexcept;
  DataPath* named_in_setup(Body body);
  DataPath* named_in_activate(Body body);
  static bool names_a_path(Body body);
  // What it negotiated and registered is forgotten.
  static void forget(DataPath& path);
  void forget_data_paths();

  // Nothing: the request lacks a parameter, or the session was terminated.
  std::optional<Message> enable_cm(Body body);
  std::optional<Message> set_up_cm(Body body);
  std::optional<Message> enable_ulp(Body body);
  std::optional<Message> set_up_ulp(DataPath& path, Body body);
  std::optional<Message> activate_data_manager(DataPath& path, Body body);
  std::uint16_t size_code() const;

  AdapterIdentity identity_;
  AdapterPorts& ports_;
  ControlReplies& replies_;
  std::vector<std::unique_ptr<DataPath>> paths_;  // of the channels that are active; at least one then

  std::optional<unsigned> read_device_;
  std::optional<unsigned> write_device_;
  HandshakePhase phase_ = HandshakePhase::channels;  // up to ulp_enabled
  std::uint32_t transmission_sequence_ = 0;
  std::uint32_t sequence_ = 0;
  // The guest's tokens: whom our messages are for.
  Token guest_issuer_{};
  Token guest_cm_connection_{};
  Transport transport_ = Transport::ip;
  bool has_port_name_ = false;
  std::string ulp_name_;
  std::string port_name_;
};

}  // namespace vmlan::qdio
