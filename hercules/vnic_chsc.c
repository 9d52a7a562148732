// CHANNEL SUBSYSTEM CALL: the requests by which a guest learns what a network adapter is and can do. Hercules
// 3.13 knows one of them, and answers it wrongly (its descriptions overwrite the response header), so the
// module's instruction replaces Hercules' as a whole; what it does not know is answered "invalid command" and
// logged. It speaks for its own devices: of others the descriptions are empty, and a driver goes by their
// subchannels. A range that is too long is answered as far as there is room.
//
// Source: Linux, drivers/s390/cio/chsc.h, observed with Linux 6.1; 0006 and 0012, which z/VM and z/OS ask
// for, from Hyperion's chsc.c. Offsets are from the start of the request, or of its response. The request is
// copied once and the copy judged: the guest may change the page meanwhile. Devices may be detached
// meanwhile: whose card it is, is asked with vnic_cards_lock() held.
#include "hercules/vnic_card.h"

enum {
  PAGE = 0x1000,
  LONGEST_REQUEST = 0x30,  // of those known here
  RESPONSE_HEADER = 8,
  // Response codes.
  RESPONSE_OK = 0x0001,
  RESPONSE_INVALID_COMMAND = 0x0002,
  RESPONSE_REQUEST_ERROR = 0x0003,
  // Channel-path types.
  CHANNEL_PATH_OSD = 0x11,
  CHANNEL_PATH_IQD = 0x24,
};

struct vnic_request {
  const BYTE* block;  // the copy
  BYTE* response;
  unsigned room;  // bytes of the response, header included
};

// Each fills in the response's data and returns its code; *length is the data's.
struct vnic_chsc_command {
  unsigned code;
  unsigned least;  // bytes of the request
  unsigned (*answer)(const struct vnic_request* request, unsigned* length);
};

static unsigned vnic_halfword(const BYTE* from) { return (unsigned)from[0] << 8 | from[1]; }

static void vnic_store_halfword(BYTE* to, unsigned value) {
  to[0] = (BYTE)(value >> 8);
  to[1] = (BYTE)value;
}

static DEVBLK* vnic_subchannel(unsigned set, unsigned number) {
  return find_device_by_subchan((set << 1 | 1U) << 16 | number);
}

// Stores one block of 32 bytes, which is empty, about one of our devices; under vnic_cards_lock().
typedef void vnic_description(BYTE* block, const DEVBLK* dev);

// For each subchannel of the range that the request names.
static unsigned vnic_describe(const struct vnic_request* request, unsigned* length,
                              vnic_description* describe) {
  enum { BLOCK = 32, SUBCHANNEL_SET = 0x30 };
  const unsigned set = (request->block[5] & SUBCHANNEL_SET) >> 4;
  const unsigned first = vnic_halfword(request->block + 0x06);
  const unsigned last = vnic_halfword(request->block + 0x0a);
  const unsigned most = (request->room - RESPONSE_HEADER) / BLOCK;
  if (first > last || most == 0) return RESPONSE_REQUEST_ERROR;
  const unsigned count = last - first < most ? last - first + 1 : most;
  BYTE* block = request->response + RESPONSE_HEADER;
  for (unsigned at = 0; at < count; at++, block += BLOCK) {
    const DEVBLK* dev = vnic_subchannel(set, first + at);
    memset(block, 0, BLOCK);
    vnic_cards_lock();
    if (dev != NULL && vnic_card_of(dev) != NULL) describe(block, dev);
    vnic_cards_unlock();
  }
  *length = count * BLOCK;
  return RESPONSE_OK;
}

static void vnic_describe_subchannel(BYTE* block, const DEVBLK* dev) {
  enum { SUBCHANNEL_VALID = 0x80, DEVICE_VALID = 0x40 };
  block[0] = SUBCHANNEL_VALID | ((dev->pmcw.flag5 & PMCW5_V) != 0 ? DEVICE_VALID : 0);
  block[0] |= (BYTE)((dev->pmcw.flag25 & PMCW25_TYPE) >> 5 << 3);
  block[1] = (BYTE)dev->devnum;
  vnic_store_halfword(block + 2, dev->devnum);
  block[4] = dev->pmcw.pim;
  vnic_store_halfword(block + 6, dev->subchan);
  memcpy(block + 8, dev->pmcw.chpid, sizeof(dev->pmcw.chpid));
}

// 0004: which device and channel paths belong to a subchannel.
static unsigned vnic_subchannel_description(const struct vnic_request* request, unsigned* length) {
  return vnic_describe(request, length, vnic_describe_subchannel);
}

// The same, and the number of the control unit on each path.
static void vnic_describe_control_units(BYTE* block, const DEVBLK* dev) {
  enum { CONTROL_UNITS = 0x10 };
  vnic_describe_subchannel(block, dev);
  block[1] = 0;
  for (unsigned path = 0; path < sizeof(dev->pmcw.chpid); path++) {
    if ((dev->pmcw.pim & 0x80 >> path) == 0) continue;
    const unsigned unit = ((unsigned)dev->devnum & 0xf0U) << 4 | dev->pmcw.chpid[path];
    vnic_store_halfword(block + CONTROL_UNITS + 2 * path, unit);
  }
}

// 0006: which control units are behind a subchannel.
static unsigned vnic_control_unit_description(const struct vnic_request* request, unsigned* length) {
  return vnic_describe(request, length, vnic_describe_control_units);
}

// 0012: the configuration. Which logical partition this is, and no token of a configuration.
static unsigned vnic_configuration(const struct vnic_request* request, unsigned* length) {
  enum { CONFIGURATION = 0x130 };
  if (request->room < RESPONSE_HEADER + CONFIGURATION) return RESPONSE_REQUEST_ERROR;
  BYTE* data = request->response + RESPONSE_HEADER;
  memset(data, 0, CONFIGURATION);
  data[2] = 0x01;  // as Hyperion has it
  data[3] = (BYTE)sysblk.lparnum;
  *length = CONFIGURATION;
  return RESPONSE_OK;
}

// The type of a channel path that one of our cards is on; 0: none is.
static BYTE vnic_channel_path_type(unsigned channel_path) {
  BYTE type = 0;
  vnic_cards_lock();
  for (const DEVBLK* dev = sysblk.firstdev; dev != NULL && type == 0; dev = dev->nextdev) {
    const struct vnic_card* card = dev->allocated ? vnic_card_of(dev) : NULL;
    if (card == NULL || dev->pmcw.chpid[0] != channel_path) continue;
    type = card->hipersockets ? CHANNEL_PATH_IQD : CHANNEL_PATH_OSD;
  }
  vnic_cards_unlock();
  return type;
}

// 0002: what kind of channel path it is. Only the basic format exists here.
static unsigned vnic_channel_path_description(const struct vnic_request* request, unsigned* length) {
  enum { BLOCK = 8, VALID = 0x80, OTHER_FORMAT_OR_CHANNEL = 0x1f, RESPONSE_FORMAT = 0x0f };
  if ((request->block[4] & OTHER_FORMAT_OR_CHANNEL) != 0 || (request->block[6] & RESPONSE_FORMAT) != 0) {
    return RESPONSE_INVALID_COMMAND;
  }
  const unsigned first = request->block[7];
  const unsigned last = request->block[0x0b];
  if (first > last || (last - first + 1) * BLOCK > request->room - RESPONSE_HEADER)
    return RESPONSE_REQUEST_ERROR;
  BYTE* block = request->response + RESPONSE_HEADER;
  for (unsigned channel_path = first; channel_path <= last; channel_path++, block += BLOCK) {
    const BYTE type = vnic_channel_path_type(channel_path);
    memset(block, 0, BLOCK);
    block[0] = type != 0 ? VALID : 0;
    block[2] = type;
    block[3] = (BYTE)channel_path;
  }
  *length = (last - first + 1) * BLOCK;
  return RESPONSE_OK;
}

// 0010: facilities. Adapter interruptions (bit 41) are named though none are made: HiperSockets' driver asks
// for them, and program-controlled interruptions serve it as well (observed).
static unsigned vnic_characteristics(const struct vnic_request* request, unsigned* length) {
  enum { CHARACTERISTICS = 2040 + 2032 };
  if (request->room < RESPONSE_HEADER + CHARACTERISTICS) return RESPONSE_REQUEST_ERROR;
  BYTE* general = request->response + RESPONSE_HEADER;
  memset(general, 0, CHARACTERISTICS);
  general[7 / 8] |= 0x80 >> 7 % 8;
  general[12 / 8] |= 0x80 >> 12 % 8;
  general[41 / 8] |= 0x80 >> 41 % 8;
  *length = CHARACTERISTICS;
  return RESPONSE_OK;
}

static void vnic_store_queue_description(BYTE* block, const DEVBLK* dev) {
  enum {
    QDIO_AND_VALID = 0xc0,
    // Adapter characteristics 1: input queues are initiated, SIGA-r and SIGA-w are wanted, PCI synchronizes.
    CHARACTERISTICS_1 = 0x80 | 0x40 | 0x20 | 0x04,
  };
  vnic_store_halfword(block + 0x02, dev->subchan);
  block[0x00] = QDIO_AND_VALID;
  block[0x04] = vnic_card_of(dev)->hipersockets ? 2 : 0;  // queue format
  block[0x06] = CHARACTERISTICS_1;
  block[0x08] = 1;  // ports
  block[0x09] = 1;  // input queues
  block[0x0b] = 4;  // output queues
  block[0x1f] = 1;  // buffers that one SIGA-w may send
}

int vnic_describe_queues(DEVBLK* dev, void* description) {
  enum { BLOCK = 32 };
  BYTE* block = description;
  memset(block, 0, BLOCK);
  vnic_store_halfword(block + 0x02, dev->subchan);
  vnic_cards_lock();
  if (vnic_card_of(dev) != NULL) vnic_store_queue_description(block, dev);
  vnic_cards_unlock();
  return 0;
}

// 0024: how the queues of a data device are to be used.
static unsigned vnic_queue_description(const struct vnic_request* request, unsigned* length) {
  return vnic_describe(request, length, vnic_store_queue_description);
}

static uint64_t vnic_doubleword(const BYTE* from) {
  uint64_t value = 0;
  for (unsigned at = 0; at < 8; at++) value = value << 8 | from[at];
  return value;
}

int vnic_set_indicators(DEVBLK* dev, void* request) {
  enum { OPERATION = 0x04, SUMMARY = 0x10, DEVICE = 0x18, KEYS = 0x20, REFUSED = 3 };
  BYTE copy[LONGEST_REQUEST];
  const volatile BYTE* original = request;  // each byte is loaded once
  for (unsigned at = 0; at < sizeof(copy); at++) copy[at] = original[at];
  if (vnic_halfword(copy + OPERATION) != 0) return REFUSED;
  const struct vnic_indicators wanted = {
      .device = vnic_doubleword(copy + DEVICE),
      .summary = vnic_doubleword(copy + SUMMARY),
      .device_key = copy[KEYS] & 0x0f,
      .summary_key = copy[KEYS] >> 4,
  };
  const int any = wanted.device != 0 && wanted.summary != 0;
  int done = 0;
  vnic_cards_lock();
  struct vnic_card* card = vnic_card_of(dev);
  if (card != NULL) {
    done = vnic_client_indicate_at(card->client, (unsigned)dev->member, any ? &wanted : NULL);
  }
  vnic_cards_unlock();
  obtain_lock(&dev->lock);
  vnic_host_make_thin(dev, any && done);
  release_lock(&dev->lock);
  return done ? 0 : REFUSED;
}

// 0021 on Hercules 3.13: where adapter interruptions shall be indicated. Accepted for our devices, and none
// is ever made.
static unsigned vnic_accept_indicators(const struct vnic_request* request, unsigned* length) {
  const unsigned set = (vnic_halfword(request->block + 0x2c) >> 1) & 3;
  const DEVBLK* dev = vnic_subchannel(set, vnic_halfword(request->block + 0x2e));
  *length = 0;
  vnic_cards_lock();
  const int ours = dev != NULL && vnic_card_of(dev) != NULL;
  vnic_cards_unlock();
  return ours ? RESPONSE_OK : RESPONSE_INVALID_COMMAND;
}

static const struct vnic_chsc_command vnic_commands[] = {
    {0x0002, 0x10, vnic_channel_path_description},
    {0x0004, 0x10, vnic_subchannel_description},
    {0x0006, 0x10, vnic_control_unit_description},
    {0x0010, 0x10, vnic_characteristics},
    {0x0012, 0x10, vnic_configuration},
    {0x0021, 0x30, vnic_accept_indicators},
    {0x0024, 0x10, vnic_queue_description},
};

// Once for each code of the 65536: a driver that asks again and again shall not fill the log.
static void vnic_say_unknown(unsigned code) {
  static U32 said[0x10000 / 32];
  const U32 bit = (U32)1 << code % 32;
  if ((__atomic_fetch_or(&said[code / 32], bit, __ATOMIC_RELAXED) & bit) != 0) return;
  logmsg("HHC03828I CHANNEL SUBSYSTEM CALL %4.4X is not known; answered \"invalid command\"\n", code);
}

void vnic_channel_subsystem_call(BYTE* block, unsigned length) {
  BYTE copy[LONGEST_REQUEST] = {0};
  const volatile BYTE* original = block;  // each byte is loaded once
  for (unsigned at = 0; at < length && at < sizeof(copy); at++) copy[at] = original[at];
  const unsigned code = vnic_halfword(copy + 2);
  const struct vnic_request request = {copy, block + length, PAGE - length};
  unsigned result = RESPONSE_INVALID_COMMAND;
  unsigned data = 0;
  const struct vnic_chsc_command* command = vnic_commands;
  const struct vnic_chsc_command* const end = command + sizeof(vnic_commands) / sizeof(vnic_commands[0]);
  while (command != end && command->code != code) command++;
  if (command == end) {
    vnic_say_unknown(code);
  } else {
    result = length < command->least ? RESPONSE_REQUEST_ERROR : command->answer(&request, &data);
  }
  if (result != RESPONSE_OK) data = 0;
  vnic_store_halfword(request.response, RESPONSE_HEADER + data);
  vnic_store_halfword(request.response + 2, result);
  memset(request.response + 4, 0, 4);
}
