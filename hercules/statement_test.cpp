// Operands of the VNIC statement: every keyword, and every way to get one wrong.
#include "hercules/statement.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace vmlan::hercules {
namespace {

std::variant<Statement, std::string> parse(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  const std::vector<std::string_view> operands(words.begin(), words.end());
  return parse_statement(operands);
}

Statement good(const std::string& text) {
  auto parsed = parse(text);
  if (auto* error = std::get_if<std::string>(&parsed)) ADD_FAILURE() << *error;
  auto* statement = std::get_if<Statement>(&parsed);
  return statement != nullptr ? *statement : Statement{};
}

std::string error(const std::string& text) {
  const auto parsed = parse(text);
  const auto* message = std::get_if<std::string>(&parsed);
  return message != nullptr ? *message : "no error";
}

TEST(Statement, TheUserIsEnough) {
  const Statement statement = good("user linux1");
  EXPECT_EQ(statement.user, "LINUX1");
  EXPECT_FALSE(statement.system);
  EXPECT_FALSE(statement.nic);
  EXPECT_EQ(statement.devices, 3U);
  EXPECT_EQ(statement.kind, qdio::AdapterKind::osd);
  EXPECT_TRUE(statement.lan_name.empty());
  EXPECT_TRUE(statement.mac.is_zero());
  EXPECT_FALSE(statement.channel_path);
  EXPECT_FALSE(statement.whole_super_frames);
}

TEST(Statement, EveryKeywordInAnyCase) {
  const Statement statement = good(
      "TYPE hipers Lan tcpmaint.lan2 mac 02-00-00-00-00-07 CHPID 1f nic 600 vlan 4094 devices 5 trace /tmp/T "
      "lro On "
      "system /tmp/S user A");
  EXPECT_EQ(statement.kind, qdio::AdapterKind::iqd);
  EXPECT_EQ(statement.lan_owner, "TCPMAINT");
  EXPECT_EQ(statement.lan_name, "LAN2");
  EXPECT_EQ(statement.vlan, 4094);
  EXPECT_EQ(wire::to_string(statement.mac), "02-00-00-00-00-07");
  EXPECT_EQ(statement.channel_path, 0x1f);
  EXPECT_EQ(statement.nic->value, 0x600);
  EXPECT_EQ(statement.devices, 5U);
  EXPECT_EQ(statement.trace, "/tmp/T");
  EXPECT_TRUE(statement.whole_super_frames);
  EXPECT_EQ(statement.system, "/tmp/S");
}

TEST(Statement, ALanWithoutOwnerIsTheSystems) {
  EXPECT_EQ(good("user A lan lan1").lan_owner, "SYSTEM");
  EXPECT_EQ(good("user A lan lan1").lan_name, "LAN1");
}

TEST(Statement, AnErrorNamesTheKeyword) {
  EXPECT_EQ(error("usr A"), "HHC03812E Unknown keyword 'usr'");
  EXPECT_EQ(error("user"), "HHC03813E Keyword 'user' has no value");
  EXPECT_EQ(error("user A user B"), "HHC03814E Keyword 'user' is given twice");
  EXPECT_EQ(error("type qdio"), "HHC03816E Keyword 'user' is missing: the user this guest logs on as");
  for (const char* wrong : {"user TOOLONGNAME", "user a.b", "nic 10000", "nic 06xx", "devices 2",
                            "devices 65", "lan A.B.C", "lan .X", "vlan 0", "vlan 4095", "vlan 1a", "type osa",
                            "lro yes", "mac 01-00-5E-00-00-01", "mac 12", "chpid 100"}) {
    EXPECT_EQ(error(wrong).substr(0, 19), "HHC03815E Keyword '") << wrong;
  }
}

}  // namespace
}  // namespace vmlan::hercules
