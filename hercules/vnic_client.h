// The seam between the Hercules module's C files, which include Hercules' headers, and the C++ client, which
// knows nothing of them: one object per virtual NIC.
//
// The C side translates no guest address and copies no frame: it hands over main storage and storage keys,
// and the bytes of each channel command. Nothing here throws; nothing here calls back into Hercules except
// through vnic_machine's functions, of which only active() may be called under the client's lock. No C++
// frame is on the stack when Hercules takes a long jump.
//
// Threads: every function may be called from any thread at any time until vnic_client_free(). None waits but
// vnic_client_wait(). The client has one thread of its own, which moves frames, speaks to the base and calls
// the functions of vnic_machine.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define VNIC_NOEXCEPT noexcept
extern "C" {
#else
#define VNIC_NOEXCEPT
#endif

struct vnic_client;

// The machine around a NIC. `index` counts from the NIC's first device.
struct vnic_machine {
  uint16_t device_number;  // of the first device
  unsigned char channel_path;
  unsigned char* storage;  // main storage and how much of it the devices may use
  uint64_t storage_size;
  unsigned char* storage_keys;
  unsigned key_shift;   // one key byte per 2**key_shift bytes
  const char* program;  // "Hercules 3.13"

  void* context;  // first argument of the functions
  // Makes a program-controlled interruption pending for an active data device.
  void (*interrupt)(void* context, unsigned index);
  // Is ACTIVATE QUEUES still in force? 0 after a reset that nobody told the client of. Takes no lock.
  int (*active)(void* context, unsigned index);
  // One line for the operator, with its message number, without end of line.
  void (*message)(void* context, const char* text);
};

// Main storage as far as the devices may use it, and its keys: one byte per 2**key_shift bytes.
struct vnic_storage {
  unsigned char* base;
  uint64_t size;
  unsigned char* keys;
  unsigned key_shift;
};

// How a channel command ended.
struct vnic_ending {
  int pending;           // not yet: vnic_client_wait()
  unsigned char status;  // device status byte
  uint32_t transferred;  // bytes accepted or supplied; may exceed what the command asked for
};

// What the C side has to know of the statement's operands before there is a client.
struct vnic_statement {
  unsigned devices;  // how many belong together; 0: the operands are wrong, and a message said why
  int hipersockets;
  int has_channel_path;
  unsigned char channel_path;
};
struct vnic_statement vnic_statement_read(const struct vnic_machine* machine, int argc,
                                          char* argv[]) VNIC_NOEXCEPT;

// A NIC as the statement's operands describe it; starts its thread. nullptr after a message.
struct vnic_client* vnic_client_open(const struct vnic_machine* machine, int argc,
                                     char* argv[]) VNIC_NOEXCEPT;
// Ends the thread and every waiting command; may take as long as one call of vnic_machine's functions, so no
// lock that those take may be held. Further calls are answered as by a device that is switched off.
void vnic_client_stop(struct vnic_client* client) VNIC_NOEXCEPT;
// Requires vnic_client_stop() and that no other call is running.
void vnic_client_free(struct vnic_client* client) VNIC_NOEXCEPT;

// Where main storage is: before each channel command. When it has moved, no queues may be active.
void vnic_client_storage(struct vnic_client* client, const struct vnic_storage* storage) VNIC_NOEXCEPT;

// Channel commands: data to the device, and from it.
struct vnic_ending vnic_client_write(struct vnic_client* client, unsigned index, unsigned char command,
                                     const unsigned char* data, uint32_t size) VNIC_NOEXCEPT;
struct vnic_ending vnic_client_read(struct vnic_client* client, unsigned index, unsigned char command,
                                    unsigned char* data, uint32_t size) VNIC_NOEXCEPT;
// Waits for the end of a pending command: 20 ms at most, less if vnic_client_wake() is called. Still pending
// afterwards: the caller looks whether its channel program is still wanted.
struct vnic_ending vnic_client_wait(struct vnic_client* client, unsigned index, unsigned char* data,
                                    uint32_t size) VNIC_NOEXCEPT;
void vnic_client_wake(struct vnic_client* client) VNIC_NOEXCEPT;
// HALT, CLEAR or reset of a device. After the return its guest's storage is not touched any more.
void vnic_client_reset(struct vnic_client* client, unsigned index) VNIC_NOEXCEPT;
// Where the guest wants to find that a device has an interruption, each a byte of main storage with the key
// it is stored with (0 to 15): the device's own, and its set of devices'.
struct vnic_indicators {
  uint64_t device;
  uint64_t summary;
  unsigned char device_key;
  unsigned char summary_key;
};
// Until the device is reset, set before each interruption; null: no more. 0: that can't be stored to.
int vnic_client_indicate_at(struct vnic_client* client, unsigned index,
                            const struct vnic_indicators* indicators) VNIC_NOEXCEPT;
// Sense bytes after a unit check.
void vnic_client_sense(struct vnic_client* client, unsigned index, unsigned char sense[32]) VNIC_NOEXCEPT;

// SIGNAL ADAPTER. Only notes the signal; takes no lock.
enum vnic_signal { VNIC_SIGNAL_WRITE, VNIC_SIGNAL_READ };
void vnic_client_signal(struct vnic_client* client, unsigned index, enum vnic_signal signal,
                        uint32_t queues) VNIC_NOEXCEPT;

// While it is held no card goes away (vnic_card.h). Held for a few instructions or one call of describe();
// the lock of a device may be held when it is taken, but is never waited for under it.
void vnic_cards_lock(void) VNIC_NOEXCEPT;
void vnic_cards_unlock(void) VNIC_NOEXCEPT;

// One line about the NIC for Hercules' device list.
void vnic_client_describe(struct vnic_client* client, char* text, size_t size) VNIC_NOEXCEPT;

#ifdef __cplusplus
}
#endif
