#include "apps/transcripts/alignment.h"

#include <algorithm>
#include <cstdint>

#include "apps/transcripts/transcript.h"

namespace vmlan::apps {

namespace {

// Beyond that many pairs the answers are paired one by one from the front.
constexpr std::size_t most_pairs = 16'000'000;

bool stands_for_many(const RecordedAnswer& answer) { return answer.text == "..."; }

// The cheapest way from each place (recorded, now) to the end of both, in steps that differ.
class Costs {
 public:
  Costs(std::span<const RecordedAnswer> recorded, std::span<const std::string_view> now)
      : recorded_(recorded), now_(now), costs_((recorded.size() + 1) * (now.size() + 1)) {
    for (std::size_t i = recorded.size() + 1; i-- > 0;) {
      for (std::size_t j = now.size() + 1; j-- > 0;) cost(i, j) = best(i, j).cost;
    }
  }

  struct Choice {
    std::uint32_t cost = 0;
    Step step = Step::both;
  };

  Choice best(std::size_t i, std::size_t j) {
    const bool more_recorded = i < recorded_.size();
    const bool more_now = j < now_.size();
    if (!more_recorded && !more_now) return {};
    Choice choice{UINT32_MAX, Step::recorded};
    const auto offer = [&choice](std::uint32_t cost, Step step) {
      if (cost < choice.cost) choice = {cost, step};
    };
    if (more_recorded && (recorded_[i].ignored || stands_for_many(recorded_[i]))) {
      offer(cost(i + 1, j), Step::pass);
      if (more_now && stands_for_many(recorded_[i])) offer(cost(i, j + 1), Step::any);
    } else if (more_recorded) {
      if (more_now && matches_pattern(recorded_[i].text, now_[j])) offer(cost(i + 1, j + 1), Step::both);
      offer(cost(i + 1, j) + 1, Step::recorded);
    }
    if (more_now) offer(cost(i, j + 1) + 1, Step::now);
    return choice;
  }

 private:
  std::uint32_t& cost(std::size_t i, std::size_t j) { return costs_[i * (now_.size() + 1) + j]; }

  std::span<const RecordedAnswer> recorded_;
  std::span<const std::string_view> now_;
  std::vector<std::uint32_t> costs_;
};

std::vector<Step> pair_one_by_one(std::span<const RecordedAnswer> recorded,
                                  std::span<const std::string_view> now) {
  std::vector<Step> steps;
  std::size_t j = 0;
  for (const RecordedAnswer& answer : recorded) {
    if (answer.ignored) {
      steps.push_back(Step::pass);
    } else if (j < now.size() && matches_pattern(answer.text, now[j])) {
      steps.push_back(Step::both);
      ++j;
    } else {
      steps.push_back(Step::recorded);
    }
  }
  steps.insert(steps.end(), now.size() - j, Step::now);
  return steps;
}

}  // namespace

std::vector<Step> align(std::span<const RecordedAnswer> recorded, std::span<const std::string_view> now) {
  // What is the same at the front needs no search, and is nearly always all of it.
  std::size_t same = 0;
  while (same < std::min(recorded.size(), now.size()) && !recorded[same].ignored &&
         !stands_for_many(recorded[same]) && matches_pattern(recorded[same].text, now[same])) {
    ++same;
  }
  std::vector<Step> steps(same, Step::both);
  recorded = recorded.subspan(same);
  now = now.subspan(same);
  if ((recorded.size() + 1) * (now.size() + 1) > most_pairs) {
    const std::vector<Step> rest = pair_one_by_one(recorded, now);
    steps.insert(steps.end(), rest.begin(), rest.end());
    return steps;
  }
  Costs costs(recorded, now);
  for (std::size_t i = 0, j = 0; i < recorded.size() || j < now.size();) {
    const Step step = costs.best(i, j).step;
    steps.push_back(step);
    if (step != Step::now && step != Step::any) ++i;
    if (step != Step::recorded && step != Step::pass) ++j;
  }
  return steps;
}

}  // namespace vmlan::apps
