#include "apps/transcripts/test_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmlan::apps {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TestResult wrong(Verdict verdict) {
  return {"a#1.vm", verdict, "a#1.vm:3: <differs>", {"-A: \x1b[2J", "+A: x & y"}, {}};
}

TEST(Report, TapHasALineForEachTestAndRemarksForWhatIsWrong) {
  EXPECT_THAT(tap_lines({"a.vm", Verdict::same, {}, {}, {}}, 1), ElementsAre("ok 1 - a.vm"));
  EXPECT_THAT(tap_lines({"a.vm", Verdict::updated, {}, {}, {}}, 2), ElementsAre("ok 2 - a.vm # updated"));
  EXPECT_THAT(tap_lines(wrong(Verdict::differs), 3),
              ElementsAre("not ok 3 - a\\#1.vm", "# a#1.vm:3: <differs>", "# -A: ?[2J", "# +A: x & y"));
}

TEST(Report, JunitTellsFailuresFromErrors) {
  const std::vector<TestResult> results{{"good.vm", Verdict::same, {}, {}, std::chrono::milliseconds(1500)},
                                        wrong(Verdict::differs),
                                        wrong(Verdict::failed)};
  const std::string report = junit_xml(results);
  EXPECT_THAT(report,
              HasSubstr(R"(<testsuite name="vmlan test" tests="3" failures="1" errors="1" time="1.500">)"));
  EXPECT_THAT(report, HasSubstr(R"(<testcase classname="vmlan" name="good.vm" time="1.500"/>)"));
  EXPECT_THAT(
      report,
      HasSubstr("<failure message=\"a#1.vm:3: &lt;differs&gt;\">-A: ?[2J\n+A: x &amp; y\n</failure>"));
  EXPECT_THAT(report, HasSubstr("<error message="));
}

TEST(Report, JunitIsWellFormedWhateverWasShown) {
  TestResult result = wrong(Verdict::failed);
  result.details = {"\xff\xc3\xa4\xed\xa0\x80\xef\xbf\xbf\xe2\x82"};
  const std::vector<TestResult> results{result};
  EXPECT_THAT(junit_xml(results), HasSubstr(">?\xc3\xa4????????\n</error>"));
}

}  // namespace
}  // namespace vmlan::apps
