// The two emulators that the module is built for, Hercules 3.13 and SDL Hyperion 4.x, made the same. No other
// file of the module knows which of them it is.
//
// Source: the headers and the channel subsystem of both (channel.c, io.c, chsc.c, qdio.c).
#pragma once

// clang-format off: each needs the ones before it.
#include <hstdinc.h>
#include <hercules.h>
#include <devtype.h>
#include <chsc.h>
// clang-format on

#if defined(VERS_MAJ)
#define VNIC_HYPERION 1
#else
#define VNIC_HYPERION 0
#endif

// Is the channel program that waits in this thread still the guest's will?
enum vnic_wanted { VNIC_WANTED, VNIC_HALTED, VNIC_RESET };

// The ending that makes the channel execute the same command again. Before that it looks whether a HALT or
// CLEAR is pending, and then it completes that function instead: one interruption, without the status of a
// START that the guest has given up.
enum { VNIC_COMMAND_RETRY = CSW_CE | CSW_DE | CSW_UC | CSW_SM };

#if VNIC_HYPERION

// "4.9.0"
#define VNIC_EMULATOR "" QSTR(VERS_MAJ) "." QSTR(VERS_INT) "." QSTR(VERS_MIN)

typedef U32 vnic_count;

enum { VNIC_KEY_SHIFT = _STORKEY_ARRAY_SHIFTAMT };

// HALT, CLEAR and resets call the device's function and complete at once, under the locks of device and
// interruptions: the channel program that still waits has to be out of the device before that function
// returns, so it is told by a mark and takes no lock.
enum { VNIC_HALT_WAITS = 1 };

static inline enum vnic_wanted vnic_host_wanted(DEVBLK* dev, const int* halted) {
  if (__atomic_load_n(halted, __ATOMIC_ACQUIRE) != 0) return VNIC_HALTED;
  return dev->busy ? VNIC_WANTED : VNIC_RESET;
}

// The channel must leave without a status of its own. It does so when the subchannel is alerted, and then
// presents what is pending. Is the HALT's or CLEAR's interruption still pending, which must not look alerted
// to the guest, an ending joins it instead.
static inline BYTE vnic_host_leave(DEVBLK* dev, enum vnic_wanted wanted) {
  UNREFERENCED(wanted);
  obtain_lock(&dev->lock);
  const int pending = (dev->scsw.flag3 & SCSW3_SC_PEND) != 0;
  if (!pending) dev->scsw.flag3 |= SCSW3_SC_ALERT;
  release_lock(&dev->lock);
  return pending ? CSW_CE | CSW_DE : VNIC_COMMAND_RETRY;
}

static inline void vnic_host_queue_interrupt(DEVBLK* dev) { QUEUE_IO_INTERRUPT(&dev->pciioint, FALSE); }

static inline void vnic_host_prepare(DEVBLK* dev, int hipersockets) {
  dev->chptype[0] = hipersockets ? CHP_TYPE_IQD : CHP_TYPE_OSD;
}

// Hyperion answers CHANNEL SUBSYSTEM CALL itself and asks the device for what only that knows.
#define VNIC_HOST_HANDLERS .halt = vnic_halt, .ssqd = vnic_describe_queues, .ssci = vnic_set_indicators,

// From now on a program-controlled interruption of the device is presented as an adapter interruption, after
// which nobody has to issue TEST SUBCHANNEL: whoever takes it looks for the indicators. Both with the
// device's lock.
static inline void vnic_host_make_thin(DEVBLK* dev, int thin) { dev->qdio.thinint = thin; }
static inline int vnic_host_is_thin(const DEVBLK* dev) { return dev->qdio.thinint; }

// devinit calls a device's initialization alone here.
static inline int vnic_host_is_devinit(const DEVBLK* dev) {
  UNREFERENCED(dev);
  return 0;
}

#define VNIC_HOST_INSTRUCTIONS (void)0

#else

#define VNIC_EMULATOR "" VERSION

// Is a device's close function called by devinit, and not by detach? Both do it with the device's lock held.
// devinit has just looked the device up, which puts it into the table of numbers; detach takes it out before,
// and, for the other members, has emptied the group.
static inline int vnic_host_is_devinit(const DEVBLK* dev) {
  if (dev->group == NULL || dev->group->members == 0 || sysblk.devnum_fl == NULL) return 0;
  const unsigned lcss = SSID_TO_LCSS(dev->ssid) & (FEATURE_LCSS_MAX - 1);
  DEVBLK* const* channel = sysblk.devnum_fl[dev->devnum >> 8 | lcss << 8];
  return channel != NULL && channel[dev->devnum & 0xff] == dev;
}

typedef U16 vnic_count;

enum { VNIC_KEY_SHIFT = STORAGE_KEY_UNITSIZE == 2048 ? 11 : 12 };

// 3.13 tells a device of HALT SUBCHANNEL by a call, of CLEAR SUBCHANNEL and of resets not at all: who waits
// has to look. HALT is completed by the channel program's own thread.
enum { VNIC_HALT_WAITS = 0 };

static inline enum vnic_wanted vnic_host_wanted(DEVBLK* dev, const int* halted) {
  UNREFERENCED(halted);
  obtain_lock(&dev->lock);
  const int given_up = (dev->scsw.flag2 & (SCSW2_AC_HALT | SCSW2_AC_CLEAR)) != 0;
  const int busy = dev->busy;
  release_lock(&dev->lock);
  return given_up ? VNIC_HALTED : busy ? VNIC_WANTED : VNIC_RESET;
}

// After a reset the device is idle. The channel must leave without a status, which would be taken for
// unsolicited later; it does so for an I/O that is to be retried asynchronously. The next START clears both
// flags.
static inline BYTE vnic_host_leave(DEVBLK* dev, enum vnic_wanted wanted) {
  if (wanted == VNIC_RESET) {
    obtain_lock(&dev->lock);
    if (!dev->busy) dev->syncio_active = dev->syncio_retry = 1;
    release_lock(&dev->lock);
  }
  return VNIC_COMMAND_RETRY;
}

static inline void vnic_host_queue_interrupt(DEVBLK* dev) { QUEUE_IO_INTERRUPT(&dev->pciioint); }

void vnic_halt(DEVBLK* dev);

// 3.13 makes no adapter interruptions.
static inline void vnic_host_make_thin(DEVBLK* dev, int thin) {
  UNREFERENCED(dev);
  UNREFERENCED(thin);
}
static inline int vnic_host_is_thin(const DEVBLK* dev) {
  UNREFERENCED(dev);
  return 0;
}

static inline void vnic_host_prepare(DEVBLK* dev, int hipersockets) {
  UNREFERENCED(hipersockets);
  dev->halt_device = vnic_halt;
}

void z900_vnic_chsc(BYTE inst[], REGS* regs) ATTR_REGPARM(2);

#define VNIC_HOST_HANDLERS
#define VNIC_HOST_INSTRUCTIONS HDL_900_DEFINST(HDL_INSTARCH_900, 0xB25F, vnic_chsc)

#endif
