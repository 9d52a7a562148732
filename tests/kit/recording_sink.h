// A port's guest at the other end of a link, reduced to what it was given.
#pragma once

#include <functional>

#include "guestlan/frame_sink.h"

namespace vmlan::kit {

class RecordingSink final : public guestlan::FrameSink {
 public:
  qdio::GiveResult give(const qdio::ReceiveHeader&, const qdio::Frame&, guestlan::WhenFull how) override {
    return take(how);
  }
  qdio::GiveResult give_unfinished(const wire::Layer3Header&, const qdio::Offload&, const qdio::Frame&,
                                   guestlan::WhenFull how) override {
    return take(how);
  }
  void publish() override {
    ++published;
    if (when_published) when_published();
  }

  qdio::GiveResult answer = qdio::GiveResult::given;
  std::function<void()> when_published;
  unsigned given = 0;
  unsigned published = 0;
  guestlan::WhenFull when_full{};

 private:
  qdio::GiveResult take(guestlan::WhenFull how) {
    when_full = how;
    if (answer == qdio::GiveResult::given) ++given;
    return answer;
  }
};

}  // namespace vmlan::kit
