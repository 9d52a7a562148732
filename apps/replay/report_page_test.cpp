#include "apps/replay/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace vmlan::apps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::array<std::string_view, 2> before{"<p>", "<script>"};
constexpr std::array<std::string_view, 1> after{"</script>"};
constexpr PageTemplate page{before, after};

Document users(std::initializer_list<int> sent) {
  Document document;
  document["users"] = Document::array();
  for (const int packets : sent) document["users"].push_back({{"sent", packets}});
  return document;
}

TEST(ReportPage, TheDocumentStandsBetweenTheHalvesOfTheTemplate) {
  EXPECT_EQ(page_of({{"seed", 7}}, page), "<p><script>{\"seed\":7}</script>\n");
}

TEST(ReportPage, NothingInTheDocumentEndsTheElementItStandsIn) {
  const std::string hostile = "</script><script>alert(1)</script><!--";
  const auto text = page_of({{"name", hostile}}, page);
  EXPECT_THAT(text, Not(HasSubstr("</script><script>")));
  EXPECT_THAT(text, Not(HasSubstr("<!--")));
  const auto json = text.substr(text.find('{'), text.rfind(after.front()) - text.find('{'));
  EXPECT_EQ(Document::parse(json)["name"], hostile);
}

TEST(ReportPage, BytesThatAreNoTextDoNotKeepItFromBeingWritten) {
  EXPECT_THAT(page_of({{"name", "caf\xe9.pcap"}}, page), HasSubstr("caf\\ufffd.pcap"));
}

TEST(ReportPage, OfMoreRowsThanItTakesThoseThatSentMostStayInTheirOrder) {
  EXPECT_EQ(page_of(users({1, 9, 3, 8}), page, 2),
            "<p><script>{\"users\":[{\"sent\":9},{\"sent\":8}],\"users_left_out\":{\"rows\":2}}</script>\n");
  EXPECT_THAT(page_of(users({1, 9}), page, 2), Not(HasSubstr("left_out")));
}

TEST(ReportPage, WhoTalkedToWhomInFlowsThatAreLeftOutIsAddedUp) {
  Document document;
  const auto add = [&](const std::string& source, const std::string& destination, int sent) {
    document["flows"].push_back(
        {{"source", source}, {"destination", destination}, {"sent", sent}, {"sent_bytes", 100 * sent}});
  };
  // A hundred small ones, of whom the biggest have names; and two flows of one pair.
  for (int party = 0; party < 100; ++party) add(std::to_string(party), "server", 1 + party);
  add("99", "server", 7);
  const auto text = page_of(document, page, 0);
  const auto shown = Document::parse(text.substr(11, text.rfind("</script>") - 11));
  EXPECT_TRUE(shown["flows"].empty());
  const auto& pairs = shown["flows_left_out"]["pairs"];
  ASSERT_EQ(pairs.size(), 64U);  // 63 with the server, and those who have no name
  std::uint64_t packets = 0;
  for (const auto& pair : pairs) packets += pair["sent"].get<std::uint64_t>();
  EXPECT_EQ(packets, 5057U);
  EXPECT_EQ(
      pairs.front(),
      Document(
          {{"source", ""}, {"destination", "server"}, {"flows", 37}, {"sent", 703}, {"sent_bytes", 70300}}));
  EXPECT_EQ(pairs.back()["source"], "99");
  EXPECT_EQ(pairs.back()["sent"], 107);
  EXPECT_EQ(pairs.back()["flows"], 2);
}

}  // namespace
}  // namespace vmlan::apps
