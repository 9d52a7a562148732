#include "apps/replay/report_document.h"

#include <fmt/format.h>

#include "apps/replay/account_document.h"
#include "apps/replay/anonymiser.h"
#include "apps/replay/closed_document.h"
#include "host/trace/digest.h"
#include "host/trace/link_types.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

Document queue_member(const LinkModel::Occupancy& occupancy) {
  const double mean = occupancy.offered == 0
                          ? 0
                          : static_cast<double>(occupancy.found) / static_cast<double>(occupancy.offered);
  return {{"most", occupancy.most}, {"mean", mean}};
}

Document inputs_member(const TraceInputs& inputs) {
  // Who has pressed Ctrl-C waits for so much of all files together: a tenth of a second.
  constexpr std::size_t most_when_interrupted = (std::size_t{32} << 20U) / host::digest_piece;
  std::size_t pieces = 0;
  const auto stop = [&pieces] { return host::interrupted() && ++pieces > most_when_interrupted; };
  auto list = Document::array();
  for (const auto& input : inputs.all()) {
    Document entry;
    entry["name"] = input.path;
    entry["bytes"] = input.reader.bytes_read();
    const auto digest = input.path == "-" ? std::nullopt : host::digest_of_file(input.path, stop);
    entry["sha256"] = digest ? Document(host::hexadecimal(*digest)) : Document();
    entry["records"] = input.records;
    entry["links"] = Document::array();
    for (const auto link : input.links) entry["links"].push_back(host::link_type_name(link));
    entry["damage"] = input.reader.damage();
    list.push_back(std::move(entry));
  }
  return list;
}

Document link_member(const LinkSettings& link) {
  return {{"rate", link.bits_per_second},
          {"delay_ns", link.propagation.count()},
          {"queue", link.queue},
          {"loss", link.loss},
          {"duplicate", link.duplication},
          {"reorder", link.reordering},
          {"reorder_by_ns", link.reordered_by.count()}};
}

Document options_member(const ReplayOptions& options) {
  constexpr const char* paces[] = {"trace", "max", "bits", "packets"};
  Document member;
  member["clock"] = options.clock == ClockKind::real ? "real" : "virtual";
  member["pace"] = paces[static_cast<std::size_t>(options.pace.by)];
  member["speed"] = options.pace.speed;
  member["rate"] = options.pace.rate;
  member["loop"] = options.loop;
  member["rewrite"] = options.rewrite;
  member["filter"] = options.filter;
  member["from_ns"] = options.from ? Document(options.from->count()) : Document();
  member["to_ns"] = options.to ? Document(options.to->count()) : Document();
  member["first"] = options.first ? Document(*options.first) : Document();
  member["sort_ns"] = options.sort_window.count();
  member["pad"] = options.judge.pad;
  member["inner"] = options.judge.inner;
  member["mtu"] = options.judge.mtu;
  member["frames"] = options.judge.frames;
  member["survey"] = options.survey;
  member["senders_only"] = options.senders_only;
  member["by_vlan"] = options.apart_by_vlan;
  member["map"] = options.mapping;
  member["with"] = options.commands;
  member["link"] = link_member(options.links.nic);
  member["lan_link"] = link_member(options.links.lan);
  member["service_time_ns"] = options.links.service_time.count();
  member["buffers"] = options.buffers;
  member["batch"] = options.batch;
  member["closed"] = options.closed;
  member["anonymised"] = !options.anonymise.empty();
  return member;
}

Document trace_member(const ReplayTally& tally) {
  Document member;
  member["records"] = tally.records;
  member["not_sent"] = Document::object();
  for (std::size_t reason = 0; reason < not_sent_reasons; ++reason) {
    if (tally.not_sent[reason] != 0)
      member["not_sent"][std::string(to_string(static_cast<NotSent>(reason)))] = tally.not_sent[reason];
  }
  member["padded"] = tally.padded;
  member["segments"] = tally.segments;
  member["late"] = tally.late;
  member["latest_ns"] = tally.latest.count();
  return member;
}

Document run_member(const ReplayRun& run) {
  const auto& tally = run.tally();
  Document member;
  member["time_ns"] = run.now().count();
  member["users"] = run.members().size();
  member["sent"] = tally.left;
  member["sent_bytes"] = tally.left_bytes;
  member["copies"] = tally.duplicated + tally.group_copies;
  member["received"] = tally.received;
  member["received_bytes"] = tally.received_bytes;
  member["dropped"] = Document::object();
  const auto add = [&](Ending ending, std::uint64_t packets) {
    if (packets != 0) member["dropped"][std::string(ending.name())] = packets;
  };
  add(Ending::queue_full(), tally.queue_full);
  add(Ending::lost_on_link(), tally.lost_on_link);
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    add(Ending::of(static_cast<guestlan::Drop>(reason)), tally.dropped[reason]);
  }
  member["latency"] = latency_member(tally.latency());
  if (tally.lateness.count() > 0) member["lateness"] = latency_member(tally.lateness);
  return member;
}

class Tables {
 public:
  Tables(const ReplayRun& run, const ReplayOptions& options)
      : run_(run), books_(*run.books()), began_(run.began()), anonymiser_(options.anonymise) {}

  Document lans() const {
    auto list = Document::array();
    const auto names = run_.members().lan_names();
    for (std::size_t lan = 0; lan < names.size(); ++lan) {
      Document entry;
      entry["lan"] = names[lan].owner + "." + names[lan].name;
      add_account(entry, at(books_.lans(), lan), began_);
      entry["queue"] = queue_member(run_.courier().lan_occupancy(static_cast<std::uint32_t>(lan)));
      list.push_back(std::move(entry));
    }
    return list;
  }

  Document users() const {
    auto list = Document::array();
    const auto& members = run_.members();
    const auto lans = members.lan_names();
    for (std::uint32_t user = 0; user < members.size(); ++user) {
      Document entry;
      entry["user"] = members.userid(user);
      entry["lan"] = lans[members[user].lan].owner + "." + lans[members[user].lan].name;
      entry["addresses"] = Document::array();
      for (auto station = members[user].first_station; station != Members::nobody;
           station = members.next_station(station)) {
        entry["addresses"].push_back(anonymiser_.shown(members.stations()[station]));
      }
      add_account(entry, at(books_.users(), user), began_);
      entry["queue"] = queue_member(run_.courier().nic_occupancy(user));
      entry["input_buffers_most"] = run_.post().most_waiting(user);
      const auto* program = members[user].program;
      entry["interruptions"] = program == nullptr ? 0 : program->interruptions();
      list.push_back(std::move(entry));
    }
    return list;
  }

  Document vlans() const {
    auto list = Document::array();
    for (std::size_t vlan = 0; vlan < books_.vlans().size(); ++vlan) {
      const auto& account = books_.vlans()[vlan];
      if (account.sent == 0) continue;
      Document entry;
      entry["vlan"] = vlan;
      add_account(entry, account, began_);
      list.push_back(std::move(entry));
    }
    return list;
  }

  Document flows() const {
    auto list = Document::array();
    for (std::size_t flow = 0; flow < books_.flows().size(); ++flow) {
      const auto& account = books_.flows()[flow];
      if (account.sent == 0) continue;
      const auto& key = books_.flow_keys()[flow];
      const bool others = flow == Books::no_flow;
      Document entry;
      entry["vlan"] = key.source.domain;
      const std::string_view name = protocol_name(key.protocol);
      entry["protocol"] = others         ? "others"
                          : name.empty() ? fmt::format("{}", key.protocol)
                                         : std::string(name);
      entry["source"] = others ? "" : anonymiser_.shown(key.source);
      entry["source_port"] = key.source_port;
      entry["destination"] = others ? "" : anonymiser_.shown(key.destination);
      entry["destination_port"] = key.destination_port;
      add_account(entry, account, began_);
      list.push_back(std::move(entry));
    }
    return list;
  }

  Document intervals() const {
    auto list = Document::array();
    for (std::size_t number = 0; number < books_.intervals().size(); ++number) {
      Document entry;
      entry["from_ns"] = static_cast<std::int64_t>(number) * books_.interval().count();
      add_account(entry, books_.intervals()[number], began_);
      list.push_back(std::move(entry));
    }
    return list;
  }

 private:
  static const Account& at(const std::vector<Account>& accounts, std::size_t index) {
    static const Account nothing;
    return index < accounts.size() ? accounts[index] : nothing;
  }

  const ReplayRun& run_;
  const Books& books_;
  arch::Time began_;
  Anonymiser anonymiser_;
};

}  // namespace

Document report_document(const ReplayRun& run, const ReplayOptions& options, bool partial,
                         const std::vector<std::string>& faults) {
  Document document;
  document["format"] = document_format;
  document["version"] = VMLAN_VERSION;
  document["partial"] = partial;
  document["seed"] = options.seed;
  document["inputs"] = inputs_member(run.inputs());
  document["options"] = options_member(options);
  document["trace"] = trace_member(run.tally());
  document["run"] = run_member(run);
  if (run.closed() != nullptr) document["closed"] = closed_member(run.closed()->tally(), run.began());
  document["faults"] = faults;
  document["notes"] = run.members().warnings();
  if (run.books() == nullptr) return document;
  const Tables tables(run, options);
  document["interval_ns"] = run.books()->interval().count();
  document["intervals_cut"] = run.books()->intervals_are_cut();
  document["lans"] = tables.lans();
  document["users"] = tables.users();
  document["vlans"] = tables.vlans();
  document["flows"] = tables.flows();
  document["intervals"] = tables.intervals();
  return document;
}

}  // namespace vmlan::apps
