// What the module's C files share: the emulator's headers, and one card, that is, a group of devices.
#pragma once

#include "hercules/vnic_client.h"
#include "hercules/vnic_host.h"

enum { VNIC_MAX_DEVICES = 64 };

// The data of a device group. Made by the first device's initialization, shared until the last is closed.
//
// Each device points to it (dev_data) until it is closed itself: Hercules frees the group's own block before
// the last device has gone. That pointer changes with the device's lock and vnic_cards_lock() held, so either
// of them is enough to use it: SIGNAL ADAPTER and HALT come with the former, queries and CHANNEL SUBSYSTEM
// CALL take the latter, channel commands count themselves in (executing).
struct vnic_card {
  struct vnic_client* client;  // null until the group is complete, and if the statement was wrong
  U16 device_number;           // of the first device
  int hipersockets;
  unsigned closed;               // devices closed so far
  int executing;                 // channel commands inside the client; atomic
  int inside[VNIC_MAX_DEVICES];  // the same for each device
  int halted[VNIC_MAX_DEVICES];  // its channel program is given up; atomic
  DEVBLK* devices[VNIC_MAX_DEVICES];
};

// The card of a device, or null: the device is none of ours, its group is not complete, or it has been
// closed. The device's lock or vnic_cards_lock() is held.
struct vnic_card* vnic_card_of(const DEVBLK* dev);
// The same for a channel command, whatever is held: the card stays until it is left. Null: not entered.
struct vnic_card* vnic_card_enter(const DEVBLK* dev);
void vnic_card_leave(struct vnic_card* card);

// vnic_machine's functions; the context is the card.
void vnic_message(void* context, const char* text);
void vnic_interrupt(void* context, unsigned index);
int vnic_active(void* context, unsigned index);

// ACTIVATE QUEUES begins, and is over: SIGNAL ADAPTER is accepted in between, interruptions are presented. No
// lock may be held. The former returns whether indicators are in force.
int vnic_begin_active(DEVBLK* dev);
void vnic_end_active(DEVBLK* dev);

// CCW execution: DEVHND's exec, and the function that HALT SUBCHANNEL calls with the device's lock held.
DEVXF vnic_execute;
void vnic_halt(DEVBLK* dev);

// How the queues of a data device are to be used: the 32 bytes that CHANNEL SUBSYSTEM CALL 0024 stores for a
// subchannel. Always 0.
int vnic_describe_queues(DEVBLK* dev, void* description);

// CHANNEL SUBSYSTEM CALL 0021, "set subchannel indicator", where the emulator makes adapter interruptions of
// a device that has indicators: `request` is the block in the guest's storage. 0: done; else refused.
int vnic_set_indicators(DEVBLK* dev, void* request);

// Answers a CHANNEL SUBSYSTEM CALL in place: `block` is the 4096-byte page with the request, whose length is
// from 16 bytes to 4096 less a response header.
void vnic_channel_subsystem_call(BYTE* block, unsigned length);

extern DEVHND vnic_device_handler;
