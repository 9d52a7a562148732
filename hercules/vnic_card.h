// What the module's C files share: Hercules' headers, the differences between Hercules 3.13 and SDL Hyperion,
// and one card, that is, a group of devices.
#pragma once

// clang-format off: each needs the ones before it.
#include <hstdinc.h>
#include <hercules.h>
#include <devtype.h>
// clang-format on

#include "hercules/vnic_client.h"

enum { VNIC_MAX_DEVICES = 64 };

// The data of a device group. Made by the first device's initialization, shared until the last is closed.
struct vnic_card {
  struct vnic_client* client;  // null until the group is complete, and if the statement was wrong
  U16 device_number;           // of the first device
  int hipersockets;
  unsigned closed;              // devices closed so far
  int executing;                // channel commands inside the client; atomic
  struct vnic_storage storage;  // as the client knows it
  DEVBLK* devices[VNIC_MAX_DEVICES];
};

// The card of a device, or null: the device is none of ours, or its group is not complete.
struct vnic_card* vnic_card_of(const DEVBLK* dev);

// vnic_machine's functions; the context is the card.
void vnic_message(void* context, const char* text);
void vnic_interrupt(void* context, unsigned index);
int vnic_active(void* context, unsigned index);

// ACTIVATE QUEUES begins, and is over: SIGNAL ADAPTER is accepted in between, interruptions are presented. No
// lock may be held.
void vnic_begin_active(DEVBLK* dev);
void vnic_end_active(DEVBLK* dev);

// CCW execution: DEVHND's exec, and the function that HALT SUBCHANNEL calls.
DEVXF vnic_execute;
void vnic_halt(DEVBLK* dev);

// Answers a CHANNEL SUBSYSTEM CALL in place: `block` is the 4096-byte page with the request, whose length is
// from 16 bytes to 4096 less a response header.
void vnic_channel_subsystem_call(BYTE* block, unsigned length);

extern DEVHND vnic_device_handler;
