// Channel commands: hands their data to the client and waits in the device's thread for those that do not end
// at once (READ, ACTIVATE QUEUES).
//
// Hercules 3.13 tells a device of HALT SUBCHANNEL by a call, of CLEAR SUBCHANNEL and of resets not at all:
// waiting goes on in short pieces, and between them we look.
#include "hercules/vnic_card.h"

enum { SENSE_COMMAND = 0x04, ACTIVATE_QUEUES = 0x1f };

// The ending that makes the channel execute the same command again. Before that it looks whether a HALT or
// CLEAR is pending, and then it completes that function instead: one interruption, without the status of a
// START that the guest has given up.
enum { COMMAND_RETRY = CSW_CE | CSW_DE | CSW_UC | CSW_SM };

void vnic_halt(DEVBLK* dev) {
  struct vnic_card* card = vnic_card_of(dev);
  if (card != NULL) vnic_client_wake(card->client);
}

static int vnic_is_read(BYTE code) { return IS_CCW_READ(code) || IS_CCW_SENSE(code) || IS_CCW_RDBACK(code); }

static void vnic_update_storage(struct vnic_card* card, const DEVBLK* dev) {
  const struct vnic_storage now = {
      .base = dev->mainstor,
      .size = (uint64_t)dev->mainlim + 1,
      .keys = dev->storkeys,
      .key_shift = STORAGE_KEY_UNITSIZE == 2048 ? 11 : 12,
  };
  if (now.base == card->storage.base && now.size == card->storage.size && now.keys == card->storage.keys)
    return;
  card->storage = now;
  vnic_client_storage(card->client, &now);
}

enum vnic_wanted { WANTED, HALTED, RESET };

// Is the channel program that waits in this thread still the guest's will?
static enum vnic_wanted vnic_wanted(DEVBLK* dev) {
  obtain_lock(&dev->lock);
  const int halted = (dev->scsw.flag2 & (SCSW2_AC_HALT | SCSW2_AC_CLEAR)) != 0;
  const int busy = dev->busy;
  release_lock(&dev->lock);
  return halted ? HALTED : busy ? WANTED : RESET;
}

// A reset has made the device idle while we waited. The channel must leave without a status, which would be
// taken for unsolicited later; it does so for an I/O that is to be retried asynchronously. The next START
// clears both flags.
static void vnic_leave_silently(DEVBLK* dev) {
  obtain_lock(&dev->lock);
  if (!dev->busy) dev->syncio_active = dev->syncio_retry = 1;
  release_lock(&dev->lock);
}

static struct vnic_ending vnic_wait(DEVBLK* dev, struct vnic_card* card, BYTE* data, U16 count) {
  const unsigned index = (unsigned)dev->member;
  struct vnic_ending ending = {.pending = 1};
  while (ending.pending) {
    const enum vnic_wanted wanted = vnic_wanted(dev);
    if (wanted != WANTED) {
      vnic_client_reset(card->client, index);
      if (wanted == RESET) vnic_leave_silently(dev);
      return (struct vnic_ending){.status = COMMAND_RETRY};
    }
    ending = vnic_client_wait(card->client, index, data, count);
  }
  return ending;
}

static struct vnic_ending vnic_command(DEVBLK* dev, struct vnic_card* card, BYTE code, U16 count,
                                       BYTE* data) {
  const unsigned index = (unsigned)dev->member;
  if (code == ACTIVATE_QUEUES) vnic_begin_active(dev);
  struct vnic_ending ending = vnic_is_read(code) ? vnic_client_read(card->client, index, code, data, count)
                                                 : vnic_client_write(card->client, index, code, data, count);
  if (ending.pending) ending = vnic_wait(dev, card, data, count);
  if (code == ACTIVATE_QUEUES) vnic_end_active(dev);
  if ((ending.status & CSW_UC) != 0 && ending.status != COMMAND_RETRY) {
    vnic_client_sense(card->client, index, dev->sense);
  }
  return ending;
}

static struct vnic_ending vnic_sense(DEVBLK* dev, U16 count, BYTE* data) {
  memcpy(data, dev->sense, count < dev->numsense ? count : dev->numsense);
  memset(dev->sense, 0, sizeof(dev->sense));
  return (struct vnic_ending){.status = CSW_CE | CSW_DE, .transferred = dev->numsense};
}

void vnic_execute(DEVBLK* dev, BYTE code, BYTE flags, BYTE chained, U16 count, BYTE prevcode, int ccwseq,
                  BYTE* iobuf, BYTE* more, BYTE* unitstat, U16* residual) {
  UNREFERENCED(flags);
  UNREFERENCED(chained);
  UNREFERENCED(prevcode);
  UNREFERENCED(ccwseq);
  struct vnic_ending ending;
  struct vnic_card* card = vnic_card_of(dev);
  if (code == SENSE_COMMAND) {
    ending = vnic_sense(dev, count, iobuf);
  } else if (card == NULL) {
    dev->sense[0] = SENSE_IR;
    ending = (struct vnic_ending){.status = CSW_CE | CSW_DE | CSW_UC};
  } else {
    __atomic_fetch_add(&card->executing, 1, __ATOMIC_ACQ_REL);
    vnic_update_storage(card, dev);
    ending = vnic_command(dev, card, code, count, iobuf);
    __atomic_fetch_sub(&card->executing, 1, __ATOMIC_ACQ_REL);
  }
  *unitstat = ending.status;
  *more = ending.transferred > count;
  *residual = ending.transferred < count ? (U16)(count - ending.transferred) : 0;
}
