// Channel commands: hands their data to the client and waits in the device's thread for those that do not end
// at once (READ, ACTIVATE QUEUES). Waiting goes on in short pieces; between them we look whether the guest
// still wants the channel program.
#include "hercules/vnic_card.h"

enum { SENSE_COMMAND = 0x04, ACTIVATE_QUEUES = 0x1f };

void vnic_halt(DEVBLK* dev) {
  struct vnic_card* card = vnic_card_of(dev);
  if (card == NULL) return;
  vnic_host_make_thin(dev, 0);
  const int* inside = &card->inside[dev->member];
  if (__atomic_load_n(inside, __ATOMIC_ACQUIRE) == 0) return;
  __atomic_store_n(&card->halted[dev->member], 1, __ATOMIC_RELEASE);
  vnic_client_wake(card->client);
  enum { PATIENCE_MS = 200 };
  for (int waited = 0;
       VNIC_HALT_WAITS && waited < PATIENCE_MS && __atomic_load_n(inside, __ATOMIC_ACQUIRE) != 0; waited++) {
    usleep(1000);
  }
}

static int vnic_is_read(BYTE code) { return IS_CCW_READ(code) || IS_CCW_SENSE(code) || IS_CCW_RDBACK(code); }

static void vnic_update_storage(struct vnic_card* card, const DEVBLK* dev) {
  const struct vnic_storage now = {
      .base = dev->mainstor,
      .size = (uint64_t)dev->mainlim + 1,
      .keys = dev->storkeys,
      .key_shift = VNIC_KEY_SHIFT,
  };
  vnic_client_storage(card->client, &now);
}

// Waits for the end of a pending command, or until nobody wants it any more.
static enum vnic_wanted vnic_wait(DEVBLK* dev, struct vnic_card* card, BYTE* data, vnic_count count,
                                  struct vnic_ending* ending) {
  const unsigned index = (unsigned)dev->member;
  while (ending->pending) {
    const enum vnic_wanted wanted = vnic_host_wanted(dev, &card->halted[index]);
    if (wanted != VNIC_WANTED) {
      vnic_client_reset(card->client, index);
      return wanted;
    }
    *ending = vnic_client_wait(card->client, index, data, count);
  }
  return VNIC_WANTED;
}

static struct vnic_ending vnic_command(DEVBLK* dev, struct vnic_card* card, BYTE code, vnic_count count,
                                       BYTE* data) {
  const unsigned index = (unsigned)dev->member;
  __atomic_store_n(&card->halted[index], 0, __ATOMIC_RELEASE);
  // Whatever reset the device since has ended its indicators, and a device that does nothing is not heard of.
  if (code == ACTIVATE_QUEUES && !vnic_begin_active(dev)) vnic_client_indicate_at(card->client, index, NULL);
  // From here on until it is taken back no lock of the device is waited for, see vnic_halt().
  __atomic_store_n(&card->inside[index], 1, __ATOMIC_RELEASE);
  struct vnic_ending ending = vnic_is_read(code) ? vnic_client_read(card->client, index, code, data, count)
                                                 : vnic_client_write(card->client, index, code, data, count);
  const enum vnic_wanted wanted = vnic_wait(dev, card, data, count, &ending);
  __atomic_store_n(&card->inside[index], 0, __ATOMIC_RELEASE);
  if (code == ACTIVATE_QUEUES) vnic_end_active(dev);
  if (wanted != VNIC_WANTED) return (struct vnic_ending){.status = vnic_host_leave(dev, wanted)};
  if ((ending.status & CSW_UC) != 0) vnic_client_sense(card->client, index, dev->sense);
  return ending;
}

static struct vnic_ending vnic_sense(DEVBLK* dev, vnic_count count, BYTE* data) {
  memcpy(data, dev->sense, count < dev->numsense ? count : dev->numsense);
  memset(dev->sense, 0, sizeof(dev->sense));
  return (struct vnic_ending){.status = CSW_CE | CSW_DE, .transferred = dev->numsense};
}

void vnic_execute(DEVBLK* dev, BYTE code, BYTE flags, BYTE chained, vnic_count count, BYTE prevcode,
                  int ccwseq, BYTE* iobuf, BYTE* more, BYTE* unitstat, vnic_count* residual) {
  UNREFERENCED(flags);
  UNREFERENCED(chained);
  UNREFERENCED(prevcode);
  UNREFERENCED(ccwseq);
  struct vnic_ending ending;
  struct vnic_card* card = vnic_card_enter(dev);
  if (code == SENSE_COMMAND) {
    ending = vnic_sense(dev, count, iobuf);
  } else if (card == NULL) {
    dev->sense[0] = SENSE_IR;
    ending = (struct vnic_ending){.status = CSW_CE | CSW_DE | CSW_UC};
  } else {
    vnic_update_storage(card, dev);
    ending = vnic_command(dev, card, code, count, iobuf);
  }
  vnic_card_leave(card);
  *unitstat = ending.status;
  *more = ending.transferred > count;
  *residual = ending.transferred < count ? (vnic_count)(count - ending.transferred) : 0;
}
