#include "guestlan/staged_frames.h"

#include "arch/load_once.h"

namespace vmlan::guestlan {

void StagedFrames::add(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                       const qdio::Frame& frame) noexcept {
  from_ = &from;
  route_ = route;
  Staged& staged = frames_[count_];
  staged.pattern = *header.pattern;
  staged.flags = header.flags;
  staged.length = header.length;
  staged.frame.layer3 = frame.layer3;
  staged.frame.length = frame.length;
  staged.frame.segments = 1;
  staged.frame.segment[0] = {bytes_[count_].data(), frame.segment[0].length};
  arch::copy_once(bytes_[count_].data(), frame.segment[0].data, frame.segment[0].length);
  ++count_;
}

}  // namespace vmlan::guestlan
