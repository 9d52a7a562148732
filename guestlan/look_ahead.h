// Of a sender whose turn comes after many others': brings what its next packets will need to the processor,
// for all of them at once instead of one after the other. With ten thousand users that talk, none of it is in
// a cache: where a packet goes, the receiver's port, its queues, the state, the SBAL and the buffer follow
// from each other, and each is a wait for memory.
//
// Hints only, by what the guest's storage says at this moment: what is done with the packets is judged later
// and anew.
#pragma once

#include "guestlan/lan.h"
#include "qdio/queues/data_queues.h"

namespace vmlan::guestlan {

void look_ahead(const Lan& lan, const qdio::DataQueues& queues) noexcept;

}  // namespace vmlan::guestlan
