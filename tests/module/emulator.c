#include "tests/module/emulator.h"

#include "hercules/vnic_card.h"

enum { MOST_DEVICES = 64, LOG_BYTES = 8192, CHANNEL_BYTES = 256 };

// What the module binds to in the emulator.
SYSBLK sysblk;

static DEVBLK devices[MOST_DEVICES];
static DEVBLK** channels[CHANNEL_BYTES * FEATURE_LCSS_MAX];
static char log_text[LOG_BYTES];

void logmsg(char* format, ...) {
  const size_t used = strlen(log_text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(log_text + used, sizeof(log_text) - used, format, arguments);
  va_end(arguments);
}

int ptt_pthread_mutex_lock(LOCK* lock, char* where) {
  UNREFERENCED(where);
  return pthread_mutex_lock(lock);
}

int ptt_pthread_mutex_unlock(LOCK* lock, char* where) {
  UNREFERENCED(where);
  return pthread_mutex_unlock(lock);
}

int ptt_pthread_cond_signal(COND* condition, char* where) {
  UNREFERENCED(where);
  return pthread_cond_signal(condition);
}

int ptt_pthread_cond_wait(COND* condition, LOCK* lock, char* where) {
  UNREFERENCED(where);
  return pthread_cond_wait(condition, lock);
}

void z900_program_interrupt(REGS* regs, int code) {
  UNREFERENCED(regs);
  UNREFERENCED(code);
  abort();
}

int group_device(DEVBLK* dev, int members) {
  for (DEVBLK* other = sysblk.firstdev; other != NULL; other = other->nextdev) {
    if (!other->allocated || other->group == NULL || other->group->members == other->group->acount) continue;
    dev->group = other->group;
    dev->member = dev->group->acount++;
    dev->group->memdev[dev->member] = dev;
    return dev->group->members == dev->group->acount;
  }
  if (members == 0) return 0;
  dev->group = calloc(1, sizeof(DEVGRP) + (size_t)members * sizeof(DEVBLK*));
  dev->group->members = members;
  dev->group->acount = 1;
  dev->group->memdev[0] = dev;
  dev->member = 0;
  return members == 1;
}

DEVBLK* find_device_by_subchan(U32 identification) {
  for (DEVBLK* dev = sysblk.firstdev; dev != NULL; dev = dev->nextdev) {
    if (dev->allocated && dev->ssid == identification >> 16 && dev->subchan == (identification & 0xffff))
      return dev;
  }
  return NULL;
}

static DEVBLK** table_entry(unsigned number) {
  DEVBLK*** channel = &channels[number >> 8];
  if (*channel == NULL) *channel = calloc(256, sizeof(DEVBLK*));
  return &(*channel)[number & 0xff];
}

static DEVBLK* find_device(unsigned number) {
  for (DEVBLK* dev = sysblk.firstdev; dev != NULL; dev = dev->nextdev) {
    if (!dev->allocated || dev->devnum != number) continue;
    *table_entry(number) = dev;
    return dev;
  }
  return NULL;
}

static DEVBLK* new_device(unsigned number, DEVHND* handler) {
  unsigned slot = 0;
  while (devices[slot].allocated) slot++;
  DEVBLK* dev = &devices[slot];
  DEVBLK* next = dev->nextdev;
  memset(dev, 0, sizeof(*dev));
  dev->nextdev = next;
  pthread_mutex_init(&dev->lock, NULL);
  dev->ssid = 1;
  dev->subchan = (U16)slot;
  dev->devnum = (U16)number;
  dev->hnd = handler;
  dev->fd = -1;
  dev->typname = "VNIC";
  dev->pmcw.flag5 |= PMCW5_V;
  dev->pmcw.pim = 0x80;
  dev->pmcw.chpid[0] = (BYTE)(number >> 8);
  dev->allocated = 1;
  return dev;
}

int emulator_attach(unsigned number, int argc, char* argv[]) {
  DEVBLK* dev = new_device(number, &vnic_device_handler);
  dev->argc = argc;
  dev->argv = argv;
  const int result = dev->hnd->init(dev, argc, argv);
  if (result < 0) dev->allocated = 0;
  return result;
}

void emulator_attach_other(unsigned number) {
  static DEVHND other;
  new_device(number, &other);
}

int emulator_devinit(unsigned number) {
  DEVBLK* dev = find_device(number);
  obtain_lock(&dev->lock);
  if (dev->fd < 0 || dev->fd > 2) dev->hnd->close(dev);
  const int result = dev->hnd->init(dev, dev->argc, dev->argv);
  release_lock(&dev->lock);
  return result;
}

static void detach_block(DEVBLK* dev) {
  obtain_lock(&dev->lock);
  *table_entry(dev->devnum) = NULL;
  if (dev->fd > 2) dev->hnd->close(dev);
  DEVGRP* group = dev->group;
  dev->group = NULL;
  if (group != NULL) {
    group->memdev[dev->member] = NULL;
    if (group->members != 0) {
      group->members = 0;
      for (int member = 0; member < group->acount; member++) {
        if (group->memdev[member] != NULL) detach_block(group->memdev[member]);
      }
      free(group);
    }
  }
  dev->allocated = 0;
  release_lock(&dev->lock);
}

void emulator_detach(unsigned number) {
  DEVBLK* dev = find_device(number);
  if (dev != NULL) detach_block(dev);
}

void emulator_reset(void) {
  sysblk.devnum_fl = channels;
  sysblk.firstdev = &devices[0];
  sysblk.lparnum = EMULATOR_PARTITION;
  for (unsigned slot = 0; slot < MOST_DEVICES; slot++) {
    if (devices[slot].allocated) detach_block(&devices[slot]);
    devices[slot].nextdev = slot + 1 < MOST_DEVICES ? &devices[slot + 1] : NULL;
  }
  log_text[0] = '\0';
}

const char* emulator_log(void) { return log_text; }

unsigned emulator_devices(void) {
  unsigned found = 0;
  for (unsigned slot = 0; slot < MOST_DEVICES; slot++) found += devices[slot].allocated ? 1 : 0;
  return found;
}

void* emulator_client(unsigned number) {
  DEVBLK* dev = find_device(number);
  struct vnic_card* card = dev != NULL ? vnic_card_of(dev) : NULL;
  return card != NULL ? card->client : NULL;
}

unsigned emulator_subchannel(unsigned number) { return find_device(number)->subchan; }

void emulator_call(unsigned char page[EMULATOR_PAGE]) {
  vnic_channel_subsystem_call(page, (unsigned)page[0] << 8 | page[1]);
}

unsigned emulator_command(unsigned number, unsigned command, unsigned char* data, uint16_t count,
                          uint16_t* residual) {
  DEVBLK* dev = find_device(number);
  BYTE more = 0;
  BYTE status = 0;
  U16 left = 0;
  dev->busy = 1;
  dev->hnd->exec(dev, (BYTE)command, 0x20, 0, count, 0, 0, data, &more, &status, &left);
  dev->busy = 0;
  *residual = left;
  return status;
}
