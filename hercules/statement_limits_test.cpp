// Operands of the VNIC statement at their bounds, what each complaint says, and the trace that one of them
// asks for.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "hercules/statement.h"
#include "hercules/trace.h"
#include "host/temporary_folder.h"
#include "tests/kit/hex.h"

namespace vmlan::hercules {
namespace {

using Operands = std::vector<std::string_view>;

// The statement of user A with one operand more; the complaint about it.
std::variant<Statement, std::string> with(std::string_view keyword, std::string_view value) {
  return parse_statement(Operands{"user", "A", keyword, value});
}
std::string complaint_about(std::string_view keyword, std::string_view value) {
  const auto parsed = with(keyword, value);
  const auto* text = std::get_if<std::string>(&parsed);
  return text != nullptr ? *text : "none";
}
Statement taken(std::string_view keyword, std::string_view value) {
  const auto parsed = with(keyword, value);
  const auto* statement = std::get_if<Statement>(&parsed);
  EXPECT_NE(statement, nullptr) << keyword << " " << value;
  return statement != nullptr ? *statement : Statement{};
}

TEST(StatementLimits, NumbersAreTakenUpToTheirBounds) {
  EXPECT_EQ(taken("nic", "0").nic->value, 0);
  EXPECT_EQ(taken("nic", "fFfF").nic->value, 0xffff);
  EXPECT_EQ(taken("devices", "3").devices, 3U);
  EXPECT_EQ(taken("devices", "64").devices, 64U);
  EXPECT_EQ(taken("chpid", "0").channel_path, 0);
  EXPECT_EQ(taken("chpid", "Ff").channel_path, 0xff);
}

TEST(StatementLimits, NamesHaveOneToEightCharactersOfCpsAlphabet) {
  for (const char* name : {"a", "abcdefgh", "AZ09@#$_", "a-b+c:d", "z"}) {
    std::string upper = name;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    const auto parsed = parse_statement(Operands{"USER", name});
    ASSERT_TRUE(std::holds_alternative<Statement>(parsed)) << name;
    EXPECT_EQ(std::get<Statement>(parsed).user, upper);
    EXPECT_EQ(taken("lan", std::string(name) + "." + name).lan_owner, upper);
    EXPECT_EQ(taken("lan", std::string(name) + "." + name).lan_name, upper);
  }
  for (const char* name : {"", "abcdefghi", "a b", "a*", "[", "/", "`", "{"}) {
    const auto parsed = parse_statement(Operands{"user", name});
    ASSERT_TRUE(std::holds_alternative<std::string>(parsed)) << name;
    EXPECT_EQ(std::get<std::string>(parsed), std::string("HHC03815E Keyword 'user': '") + name +
                                                 "' is not a user identifier of up to 8 characters");
  }
}

TEST(StatementLimits, EachComplaintSaysWhatWouldBeRight) {
  struct Row {
    const char* keyword;
    const char* value;
    const char* complaint;
  };
  for (const Row& row : {Row{"nic", "10000", "not a device number of up to 4 hexadecimal digits"},
                         {"nic", "", "not a device number of up to 4 hexadecimal digits"},
                         {"nic", "12g", "not a device number of up to 4 hexadecimal digits"},
                         {"devices", "2", "not a number from 3 to 64"},
                         {"devices", "65", "not a number from 3 to 64"},
                         {"devices", "1f", "not a number from 3 to 64"},
                         {"lan", "a.b.c", "not OWNER.NAME, each of up to 8 characters"},
                         {"lan", ".b", "not OWNER.NAME, each of up to 8 characters"},
                         {"lan", "a.", "not OWNER.NAME, each of up to 8 characters"},
                         {"lan", "abcdefghi", "not OWNER.NAME, each of up to 8 characters"},
                         {"type", "osa", "neither 'qdio' nor 'hipers'"},
                         {"mac", "00-00-00-00-00-00", "not the MAC address of one station"},
                         {"mac", "01-00-5E-00-00-01", "not the MAC address of one station"},
                         {"mac", "02-00", "not the MAC address of one station"},
                         {"chpid", "100", "not a channel-path identifier of 2 hexadecimal digits"},
                         {"chpid", "x", "not a channel-path identifier of 2 hexadecimal digits"},
                         {"lro", "1", "neither 'on' nor 'off'"}}) {
    EXPECT_EQ(complaint_about(row.keyword, row.value), std::string("HHC03815E Keyword '") + row.keyword +
                                                           "': '" + row.value + "' is " + row.complaint);
  }
}

TEST(StatementLimits, EveryWordOfAChoiceIsUnderstood) {
  EXPECT_EQ(taken("type", "Qdio").kind, qdio::AdapterKind::osd);
  EXPECT_EQ(taken("type", "hipers").kind, qdio::AdapterKind::iqd);
  EXPECT_EQ(taken("type", "HiperSockets").kind, qdio::AdapterKind::iqd);
  EXPECT_TRUE(taken("lro", "on").whole_super_frames);
  EXPECT_FALSE(taken("lro", "off").whole_super_frames);
}

TEST(StatementLimits, EachKeywordIsGivenOnce) {
  for (const char* keyword :
       {"user", "system", "nic", "devices", "lan", "type", "mac", "chpid", "lro", "trace"}) {
    const std::string_view value = std::string_view(keyword) == "type"  ? "qdio"
                                   : std::string_view(keyword) == "mac" ? "02-00-00-00-00-01"
                                   : std::string_view(keyword) == "lro" ? "on"
                                                                        : "3";
    const auto parsed = parse_statement(Operands{keyword, value, keyword, value});
    ASSERT_TRUE(std::holds_alternative<std::string>(parsed));
    EXPECT_EQ(std::get<std::string>(parsed),
              std::string("HHC03814E Keyword '") + keyword + "' is given twice");
  }
  EXPECT_EQ(std::get<std::string>(parse_statement({})),
            "HHC03816E Keyword 'user' is missing: the user this guest logs on as");
}

class DialogueTrace : public ::testing::Test {
 protected:
  // Its lines, without the times in front, which have to look like times.
  std::string written() const {
    std::ifstream file(path);
    std::string text;
    for (std::string line; std::getline(file, line);) {
      EXPECT_TRUE(std::regex_search(line, std::regex("^[0-9]{10}\\.[0-9]{6} "))) << line;
      text += line.substr(std::min<std::size_t>(line.size(), 18)) + "\n";
    }
    return text;
  }

  host::TemporaryFolder folder = *host::TemporaryFolder::make();
  std::string path = (folder.path() / "trace").string();
};

TEST_F(DialogueTrace, HasALineForEachMessageAndRemark) {
  Trace trace;
  EXPECT_EQ(trace.open(path, 0x0a00), "");
  trace.from_guest(1, kit::from_hex("00E00F"));
  trace.to_guest(0, kit::from_hex("FF"));
  trace.remark("joined");
  EXPECT_EQ(written(), "0A01 > 00e00f\n0A00 < ff\n0A00 joined\n");
  Trace second;
  EXPECT_EQ(second.open(path, 0x0b00), "");
  second.remark("shares it");
  EXPECT_EQ(written(), "0A01 > 00e00f\n0A00 < ff\n0A00 joined\n0B00 shares it\n");
}

TEST_F(DialogueTrace, SaysWhyItsFileCannotBeWritten) {
  Trace trace;
  EXPECT_EQ(trace.open((folder.path() / "nowhere" / "trace").string(), 0), "No such file or directory");
  trace.remark("nothing happens");
  trace.from_guest(0, kit::from_hex("00"));
}

}  // namespace
}  // namespace vmlan::hercules
