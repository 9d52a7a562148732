// What Hercules' loader asks of a module: for which Hercules it was built, and what it brings.
#include "hercules/vnic_card.h"

void z900_vnic_chsc(BYTE inst[], REGS* regs) ATTR_REGPARM(2);

HDL_DEPENDENCY_SECTION;
{
  HDL_DEPENDENCY(HERCULES);
  HDL_DEPENDENCY(DEVBLK);
  HDL_DEPENDENCY(SYSBLK);
  HDL_DEPENDENCY(REGS);
}
END_DEPENDENCY_SECTION

HDL_DEVICE_SECTION;
{ HDL_DEVICE(VNIC, vnic_device_handler); }
END_DEVICE_SECTION

HDL_INSTRUCTION_SECTION;
{ HDL_900_DEFINST(HDL_INSTARCH_900, 0xB25F, vnic_chsc); }
END_INSTRUCTION_SECTION
