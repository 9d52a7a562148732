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

Document flows(std::initializer_list<int> sent) {
  Document document;
  document["flows"] = Document::array();
  for (const int packets : sent) document["flows"].push_back({{"sent", packets}});
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
  EXPECT_EQ(page_of(flows({1, 9, 3, 8}), page, 2),
            "<p><script>{\"flows\":[{\"sent\":9},{\"sent\":8}],"
            "\"flows_left_out\":{\"rows\":2,\"sent\":4}}</script>\n");
  EXPECT_THAT(page_of(flows({1, 9}), page, 2), Not(HasSubstr("left_out")));
}

}  // namespace
}  // namespace vmlan::apps
