// Lines for Hercules' operator: "HHC03820I 0A00 LINUX1 ..." from "HHC03820I LINUX1 ...".
#include "hercules/vnic_card.h"

enum { MESSAGE_NUMBER = 9 };

void vnic_message(void* context, const char* text) {
  const struct vnic_card* card = context;
  logmsg("%.*s %4.4X%s\n", MESSAGE_NUMBER, text, card->device_number, text + MESSAGE_NUMBER);
}
