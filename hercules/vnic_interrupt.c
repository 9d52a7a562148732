// Program-controlled interruptions of an active data device, from the client's thread.
//
// Order of locks: Hercules takes intlock before a device's lock (resets), so never intlock under that. An
// interruption is presented only while ACTIVATE QUEUES is in force, which is judged under the device's lock:
// none follows the end of a HALT or CLEAR.
#include "hercules/vnic_card.h"

int vnic_begin_active(DEVBLK* dev) {
  obtain_lock(&dev->lock);
  memset(&dev->pciscsw, 0, sizeof(dev->pciscsw));
  dev->scsw.flag2 |= SCSW2_Q;
  const int thin = vnic_host_is_thin(dev);
  release_lock(&dev->lock);
  return thin;
}

void vnic_end_active(DEVBLK* dev) {
  obtain_lock(&dev->lock);
  dev->scsw.flag2 &= (BYTE)~SCSW2_Q;
  // TEST SUBCHANNEL would return a pending PCI in place of the HALT or CLEAR that ends all this.
  dev->pciscsw.flag3 &= (BYTE)~SCSW3_SC;
  vnic_host_make_thin(dev, 0);
  release_lock(&dev->lock);
}

int vnic_active(void* context, unsigned index) {
  const struct vnic_card* card = context;
  const DEVBLK* dev = __atomic_load_n(&card->devices[index], __ATOMIC_ACQUIRE);
  return dev != NULL && (__atomic_load_n(&dev->scsw.flag2, __ATOMIC_RELAXED) & SCSW2_Q) != 0;
}

// The status of a PCI, unless the guest has not fetched the last one yet: that one will make it look too.
static int vnic_make_status(DEVBLK* dev) {
  if ((dev->scsw.flag2 & SCSW2_Q) == 0 || (dev->pciscsw.flag3 & SCSW3_SC_PEND) != 0) return 0;
  dev->pciscsw.flag0 = 0;
  dev->pciscsw.flag1 = SCSW1_F;
  dev->pciscsw.flag2 = SCSW2_FC_START | SCSW2_Q;
  dev->pciscsw.flag3 = SCSW3_AC_SCHAC | SCSW3_AC_DEVAC | SCSW3_SC_INTER | SCSW3_SC_PEND;
  dev->pciscsw.unitstat = 0;
  dev->pciscsw.chanstat = CSW_PCI;
  vnic_host_queue_interrupt(dev);
  return 1;
}

void vnic_interrupt(void* context, unsigned index) {
  const struct vnic_card* card = context;
  DEVBLK* dev = __atomic_load_n(&card->devices[index], __ATOMIC_ACQUIRE);
  if (dev == NULL) return;
  obtain_lock(&dev->lock);
  const int pending = vnic_make_status(dev);
  release_lock(&dev->lock);
  if (!pending) return;
  OBTAIN_INTLOCK(NULL);
  UPDATE_IC_IOPENDING();
  RELEASE_INTLOCK(NULL);
}
