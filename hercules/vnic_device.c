// The device type VNIC: statement, group, SIGNAL ADAPTER, end.
#include "hercules/vnic_card.h"

// Control unit and device as SENSE ID tells them; Hercules shows the number.
enum { VNIC_DEVICE_TYPE = 0x1732 };

struct vnic_card* vnic_card_of(const DEVBLK* dev) {
  if (dev->hnd != &vnic_device_handler) return NULL;
  struct vnic_card* card = __atomic_load_n((struct vnic_card* const*)&dev->dev_data, __ATOMIC_ACQUIRE);
  return card != NULL && __atomic_load_n(&card->client, __ATOMIC_ACQUIRE) != NULL ? card : NULL;
}

struct vnic_card* vnic_card_enter(const DEVBLK* dev) {
  vnic_cards_lock();
  struct vnic_card* card = vnic_card_of(dev);
  if (card != NULL) __atomic_fetch_add(&card->executing, 1, __ATOMIC_ACQ_REL);
  vnic_cards_unlock();
  return card;
}

void vnic_card_leave(struct vnic_card* card) {
  if (card != NULL) __atomic_fetch_sub(&card->executing, 1, __ATOMIC_ACQ_REL);
}

static void vnic_describe_machine(struct vnic_machine* machine, struct vnic_card* card, const DEVBLK* dev) {
  machine->device_number = card->device_number;
  machine->channel_path = dev->pmcw.chpid[0];
  machine->program = "Hercules " VNIC_EMULATOR;
  machine->context = card;
  machine->interrupt = vnic_interrupt;
  machine->active = vnic_active;
  machine->message = vnic_message;
}

// group_device() joins whatever group of this type is not full yet. 0: this device does not continue it.
static int vnic_continues_group(const DEVBLK* dev) {
  return dev->group->memdev[0]->devnum + dev->member == dev->devnum;
}

// Of a device that can't come: Hercules gives its block to the next one, which a group that still named it
// would take along when it is detached.
static int vnic_give_up(DEVBLK* dev) {
  struct vnic_card* card = dev->dev_data;
  if (card != NULL) __atomic_store_n(&card->devices[dev->member], NULL, __ATOMIC_RELEASE);
  dev->dev_data = NULL;
  if (dev->fd > 2) close(dev->fd);
  dev->fd = -1;
  dev->group->acount--;
  dev->group->memdev[dev->member] = NULL;
  dev->group = NULL;
  return -1;
}

static void vnic_prepare(DEVBLK* dev, const struct vnic_statement* statement) {
  dev->devtype = VNIC_DEVICE_TYPE;
  dev->numsense = 32;
  dev->pmcw.flag4 |= PMCW4_Q;
  vnic_host_prepare(dev, statement->hipersockets);
  if (statement->has_channel_path) dev->pmcw.chpid[0] = statement->channel_path;
  // Hercules calls a device's close function only if it has a file open.
  dev->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// Who speaks, once for each card: the first thing to ask when something does not fit. `vmlan hercules check`
// finds this text in the module's file too.
static void vnic_introduce(struct vnic_card* card) {
  vnic_message(card, "HHC03819I VNIC of vmlan " VMLAN_VERSION " for Hercules " VNIC_EMULATOR);
}

static int vnic_init(DEVBLK* dev, int argc, char* argv[]) {
  struct vnic_card names = {.device_number = dev->devnum};
  struct vnic_machine machine;
  // devinit of one device would take it from its card.
  if (dev->group != NULL) {
    vnic_message(&names,
                 "HHC03829E The device belongs to a card and stays as it is: detach and attach it instead");
    return -1;
  }
  dev->dev_data = NULL;
  vnic_describe_machine(&machine, &names, dev);
  const struct vnic_statement statement = vnic_statement_read(&machine, argc, argv);
  if (statement.devices == 0) return -1;
  vnic_prepare(dev, &statement);

  const int complete = group_device(dev, (int)statement.devices);
  if (!vnic_continues_group(dev)) {
    vnic_message(&names, "HHC03818E The device does not continue the incomplete group of devices before it");
    return vnic_give_up(dev);
  }
  if (dev->member == 0) {
    struct vnic_card* card = calloc(1, sizeof(*card));
    if (card == NULL) return vnic_give_up(dev);
    card->device_number = dev->devnum;
    card->hipersockets = statement.hipersockets;
    dev->group->grp_data = card;
  }
  struct vnic_card* card = dev->group->grp_data;
  card->devices[dev->member] = dev;
  dev->dev_data = card;
  if (!complete) return 0;
  vnic_introduce(card);
  vnic_describe_machine(&machine, card, dev);
  struct vnic_client* client = vnic_client_open(&machine, argc, argv);
  __atomic_store_n(&card->client, client, __ATOMIC_RELEASE);
  return client != NULL ? 0 : vnic_give_up(dev);
}

// Called with the device's lock held. The client's thread may be waiting for that very lock, to present an
// interruption, so it is given up while the thread ends.
static int vnic_close(DEVBLK* dev) {
  if (vnic_host_is_devinit(dev)) return 0;
  if (dev->fd > 2) close(dev->fd);
  dev->fd = -1;
  struct vnic_card* card = dev->dev_data;
  if (card == NULL) return 0;
  vnic_cards_lock();
  dev->dev_data = NULL;
  __atomic_store_n(&card->devices[dev->member], NULL, __ATOMIC_RELEASE);
  const unsigned closed = ++card->closed;
  vnic_cards_unlock();
  const int is_last = closed == (unsigned)dev->group->acount;
  if (card->client == NULL) {  // the card was never complete
    if (is_last) free(card);
    return 0;
  }

  release_lock(&dev->lock);
  if (closed == 1) vnic_client_stop(card->client);
  // Channel programs that were waiting have been told; they leave at once.
  for (int patience = 0; patience < 2000 && __atomic_load_n(&card->executing, __ATOMIC_ACQUIRE) != 0;
       patience++) {
    usleep(1000);
  }
  obtain_lock(&dev->lock);
  // No device points to it any more when the last one is closed, so nobody enters again.
  if (is_last && __atomic_load_n(&card->executing, __ATOMIC_ACQUIRE) == 0) {
    dev->group->grp_data = NULL;
    vnic_client_free(card->client);
    free(card);
  }
  return 0;
}

static void vnic_query(DEVBLK* dev, char** class, int size, char* text) {
  if (class != NULL) *class = "LINE";
  if (dev == NULL || class == NULL || size == 0 || text == NULL) return;
  snprintf(text, (size_t)size, "VNIC device %d", dev->member);
  vnic_cards_lock();
  struct vnic_card* card = vnic_card_of(dev);
  if (card != NULL && dev->member == 0) vnic_client_describe(card->client, text, (size_t)size);
  vnic_cards_unlock();
}

// Both are called with the device's lock held and only note the signal.
static int vnic_signal_write(DEVBLK* dev, U32 queues) {
  struct vnic_card* card = vnic_card_of(dev);
  if (card == NULL) return 3;
  vnic_client_signal(card->client, (unsigned)dev->member, VNIC_SIGNAL_WRITE, queues);
  return 0;
}

static int vnic_signal_read(DEVBLK* dev, U32 queues) {
  struct vnic_card* card = vnic_card_of(dev);
  if (card == NULL) return 3;
  vnic_client_signal(card->client, (unsigned)dev->member, VNIC_SIGNAL_READ, queues);
  return 0;
}

// Commands that move no data, whose data address is therefore not looked at: z/VM's virtual switch gives
// ACTIVATE QUEUES one outside storage (hercules-390/hyperion issue 63).
static BYTE vnic_immediate_commands[256] = {
    [0x03] = 1,  // NO-OPERATION
    [0x1f] = 1,  // ACTIVATE QUEUES
};

// What a host adds ends with a comma of its own.
// clang-format off
DEVHND vnic_device_handler = {
    .init = vnic_init,
    .exec = vnic_execute,
    .close = vnic_close,
    .query = vnic_query,
    .immed = vnic_immediate_commands,
    .siga_r = vnic_signal_read,
    .siga_w = vnic_signal_write,
    VNIC_HOST_HANDLERS
};
// clang-format on
