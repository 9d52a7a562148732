#include "apps/script/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/system/messages.h"

namespace vmlan::apps {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The script's only statement.
Statement only(std::string_view text, const std::vector<std::string>& arguments = {}) {
  Script script = parse_script(text, arguments);
  EXPECT_THAT(script.errors, IsEmpty()) << (script.errors.empty() ? "" : script.errors[0].message);
  EXPECT_THAT(script.statements, SizeIs(1));
  return script.statements.empty() ? Statement{} : script.statements[0];
}

template <class Kind>
Kind only_as(std::string_view text, const std::vector<std::string>& arguments = {}) {
  Statement statement = only(text, arguments);
  EXPECT_TRUE(std::holds_alternative<Kind>(statement.action)) << text;
  auto* kind = std::get_if<Kind>(&statement.action);
  return kind == nullptr ? Kind{} : *kind;
}

ScriptError first_error(std::string_view text, const std::vector<std::string>& arguments = {}) {
  Script script = parse_script(text, arguments);
  EXPECT_THAT(script.errors, testing::Not(IsEmpty())) << text;
  return script.errors.empty() ? ScriptError{} : script.errors[0];
}

TEST(Script, BlankLinesAndCommentsAreKeptAsTheyAre) {
  const Script script = parse_script("* one\n\n  * two  \n", {});
  ASSERT_THAT(script.statements, SizeIs(3));
  EXPECT_EQ(script.statements[2].source, "  * two  ");
  EXPECT_EQ(script.statements[2].line, 3U);
  EXPECT_TRUE(std::holds_alternative<Comment>(script.statements[1].action));
}

TEST(Script, ALineTypedAtAConsoleLosesOneBlankOnly) {
  const Typed typed = only_as<Typed>("alice>  query  nic\n");
  EXPECT_EQ(typed.console, "ALICE");
  EXPECT_EQ(typed.text, " query  nic");
}

TEST(Script, AnEmptyLineCanBeTyped) { EXPECT_EQ(only_as<Typed>("BOB>").text, ""); }

TEST(Script, TheFirstMarkDecidesBetweenTypedAndShown) {
  EXPECT_EQ(only_as<Typed>("BOB> MSG ALICE: hi").text, "MSG ALICE: hi");
  only_as<Shown>("BOB: * MSG FROM ALICE > hi");
}

TEST(Script, LinesMayEndAsOnWindows) { EXPECT_EQ(only_as<Typed>("BOB> BEGIN\r\n").text, "BEGIN"); }

TEST(Script, ALineOfNoKnownFormIsAnErrorWithItsNumber) {
  const ScriptError error = first_error("* one\nDEFINE LAN X\n");
  EXPECT_EQ(error.line, 2U);
  EXPECT_THAT(error.message, HasSubstr("VMLSCR101E"));
  EXPECT_THAT(first_error("NAMETOOLONG> X").message, HasSubstr("VMLSCR101E"));
  EXPECT_THAT(first_error("> X").message, HasSubstr("VMLSCR101E"));
}

TEST(Script, AnInlineDirectoryKnowsWhereItStands) {
  const auto inline_directory =
      only_as<LoadDirectoryText>(".directory\nUSER ALICE NOPASS 32M\n COMMAND MSG &USERID hi\n.end\n");
  EXPECT_EQ(inline_directory.text, "USER ALICE NOPASS 32M\n COMMAND MSG &USERID hi\n");
  EXPECT_EQ(inline_directory.first_line, 2U);
}

TEST(Script, ABlockIsOneStatementWithAllItsLines) {
  const Script script = parse_script(".FILE ALICE 191 A B\nx\n.END\nBOB> BEGIN\n", {});
  ASSERT_THAT(script.statements, SizeIs(2));
  EXPECT_EQ(script.statements[0].source, ".FILE ALICE 191 A B\nx\n.END");
  EXPECT_EQ(script.statements[1].line, 4U);
}

TEST(Script, AnInlineFileIsTakenLiterally) {
  const auto file = only_as<WriteFile>(".FILE alice 0191 profile tcpip\n* &1\nBOB> x\n.END");
  EXPECT_EQ(file.contents, "* &1\nBOB> x\n");
  EXPECT_EQ(file.file.userid, "ALICE");
  EXPECT_EQ(file.file.device.value, 0x191);
  EXPECT_EQ(file.file.name, "PROFILE TCPIP");
}

TEST(Script, ABlockWithoutEndIsReportedWhereItBegins) {
  const ScriptError error = first_error("*\n.FILE ALICE 191 A B\nx\n");
  EXPECT_EQ(error.line, 2U);
  EXPECT_THAT(error.message, HasSubstr("VMLSCR107E"));
}

TEST(Script, AnEndWithoutBlockIsAnError) {
  EXPECT_THAT(first_error(".END").message, HasSubstr("VMLSCR108E"));
}

TEST(Script, ArgumentsReplaceTheirMarks) {
  EXPECT_EQ(only_as<Typed>("ALICE> PING &1 &2&USERID", {"10.0.0.2", "x"}).text, "PING 10.0.0.2 x&USERID");
}

TEST(Script, AnArgumentIsNotLookedIntoAgain) {
  EXPECT_EQ(only_as<Typed>("ALICE> PING &1", {"&1&2"}).text, "PING &1&2");
}

TEST(Script, ADefaultCountsOnlyWithoutAnArgument) {
  const std::string_view text = ".DEFAULT &1 sample.data\n.PUT &1 ALICE 191 SAMPLE DATA\n";
  for (const auto& [arguments, name, from_caller] :
       {std::tuple{std::vector<std::string>{}, "sample.data", false},
        std::tuple{std::vector<std::string>{"my file"}, "my file", true}}) {
    const Script script = parse_script(text, arguments);
    ASSERT_THAT(script.statements, SizeIs(2));
    const auto& put = std::get<PutFile>(script.statements[1].action);
    EXPECT_EQ(put.source.name, name);
    EXPECT_EQ(put.source.from_caller, from_caller);
    EXPECT_EQ(script.statements[0].source, ".DEFAULT &1 sample.data");
  }
}

TEST(Script, APathWithBlanksIsQuoted) {
  EXPECT_EQ(only_as<PutFile>(R"(.PUT "a b.txt" ALICE 191 A B)").source.name, "a b.txt");
}

TEST(Script, AMarkWithoutValueIsAnErrorOnItsLine) {
  const ScriptError error = first_error("* &3\nALICE> PING &3\n", {"only one"});
  EXPECT_EQ(error.line, 2U);
  EXPECT_THAT(error.message, HasSubstr("VMLSCR106E &3 has no value"));
}

TEST(Script, WaitKeepsItsTextAsItIs) {
  const auto wait = only_as<WaitFor>(".WAIT bob  two  words ");
  EXPECT_EQ(wait.console, "BOB");
  EXPECT_EQ(wait.text, "two  words");
  EXPECT_EQ(only_as<WaitFor>(".WAIT BOB").text, "");
}

TEST(Script, TimesAreSecondsWithFractions) {
  EXPECT_EQ(only_as<Sleep>(".SLEEP 0.25").time, std::chrono::milliseconds(250));
  EXPECT_EQ(only_as<SetTimeout>(".TIMEOUT 5").time, std::chrono::seconds(5));
}

TEST(Script, ExpectTakesTheCodesOfCpAndCms) {
  EXPECT_EQ(std::get<int>(only_as<Expect>(".EXPECT ALICE 45").what), 45);
  EXPECT_EQ(std::get<int>(only_as<Expect>(".EXPECT ALICE -3").what), -3);
  EXPECT_TRUE(only_as<Expect>(".EXPECT ALICE not 0").negated);
}

TEST(Script, ExpectTakesATextInQuotes) {
  const auto expect = only_as<Expect>(R"(.EXPECT alice "45 &1")", {"users"});
  EXPECT_EQ(expect.console, "ALICE");
  EXPECT_EQ(std::get<std::string>(expect.what), "45 users");
  EXPECT_FALSE(expect.negated);
  EXPECT_TRUE(only_as<Expect>(R"(.EXPECT ALICE NOT "NOT")").negated);
}

TEST(Script, StrictIsOnUnlessItSaysOff) {
  EXPECT_TRUE(only_as<SetStrict>(".STRICT").on);
  EXPECT_FALSE(only_as<SetStrict>(".strict off").on);
}

TEST(Script, WrongOperandsNameTheWordAndTheForm) {
  struct Case {
    std::string_view text;
    std::string_view message;
  };
  for (const Case& wrong : {Case{".SLEEP soon", "VMLSCR104E Invalid operand 'soon'"},
                            Case{".SLEEP -1", "VMLSCR104E Invalid operand '-1'"},
                            Case{".SLEEP nan", "VMLSCR104E Invalid operand 'nan'"},
                            Case{".SLEEP 1e9", "VMLSCR104E Invalid operand '1e9'"},
                            Case{".TIMEOUT 0", "VMLSCR104E Invalid operand '0'"},
                            Case{".WAIT", "VMLSCR103E Operand missing; the statement is: .WAIT NAME [text]"},
                            Case{".WAIT b,b", "VMLSCR104E Invalid operand 'b,b'"},
                            Case{".EXPECT BOB x", "VMLSCR104E Invalid operand 'x'"},
                            Case{".EXPECT BOB 1 2", "VMLSCR104E Invalid operand '2'"},
                            Case{".EXPECT BOB text", "VMLSCR104E Invalid operand 'text'"},
                            Case{".EXPECT BOB \"\"", "VMLSCR104E Invalid operand ''"},
                            Case{".EXPECT BOB NOT 1 2", "VMLSCR105E '2' is one operand too many"},
                            Case{".IGNORE OPERATOR", "VMLSCR104E Invalid operand 'OPERATOR'"},
                            Case{".IGNORE OPERATOR> x", "VMLSCR104E Invalid operand 'OPERATOR>'"},
                            Case{".STRICT ONN", "VMLSCR104E Invalid operand 'ONN'"},
                            Case{".DEFAULT &0 x", "VMLSCR104E Invalid operand '&0'"},
                            Case{".DEFAULT 1 x", "VMLSCR104E Invalid operand '1'"},
                            Case{".GET BOB 19100 A B x", "VMLSCR104E Invalid operand '19100'"},
                            Case{".GET BOB 191 A.B B x", "VMLSCR104E Invalid operand 'A.B'"},
                            Case{".PUT x TOOLONGID 191 A B", "VMLSCR104E Invalid operand 'TOOLONGID'"},
                            Case{".JUMP", "VMLSCR102E Unknown statement .JUMP"}}) {
    EXPECT_THAT(first_error(wrong.text).message, HasSubstr(std::string(wrong.message)));
  }
}

TEST(Script, AFileThatIsNoScriptGetsFewErrors) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "int main() {}\n&1&2\n";
  EXPECT_THAT(parse_script(text, {}).errors, SizeIs(51));
}

TEST(Messages, ALineNamesItsFileFirst) {
  EXPECT_EQ(at_line("a.vm", 3, format(Message::end_without_block)),
            "a.vm:3: VMLSCR108E .END ends nothing; remove it");
}

}  // namespace
}  // namespace vmlan::apps
