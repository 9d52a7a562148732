// The instruction CHANNEL SUBSYSTEM CALL (B25F) of z/Architecture, in place of Hercules 3.13's own. Not built
// for Hyperion, whose own asks the devices.
//
// Hercules' headers define an instruction for one architecture at a time; this file includes itself, as all
// of Hercules' instructions do, until the pass for z/Architecture. MADDR and program_interrupt may take a
// long jump: no C++ is on the stack here.
#include <hstdinc.h>
#include <hercules.h>
#include <opcode.h>
#include <inline.h>

#if __GEN_ARCH == 900

#include <chsc.h>

#include "hercules/vnic_card.h"

DEF_INST(vnic_chsc) {
  int r1, r2;
  RRE(inst, regs, r1, r2);
  UNREFERENCED(r2);
  PRIV_CHECK(regs);
  SIE_INTERCEPT(regs);

  const VADR address = regs->GR(r1) & ADDRESS_MAXWRAP(regs);
  if ((address & 0xfff) != 0) ARCH_DEP(program_interrupt)(regs, PGM_SPECIFICATION_EXCEPTION);
  BYTE* block = MADDR(address, r1, regs, ACCTYPE_READ, regs->psw.pkey);
  // Loaded once: another processor may change the page while we look.
  const volatile BYTE* original = block;
  const unsigned high = original[0];
  const unsigned length = high << 8 | original[1];
  if (length < sizeof(CHSC_REQ) || length > 0x1000 - sizeof(CHSC_RSP)) {
    ARCH_DEP(program_interrupt)(regs, PGM_OPERAND_EXCEPTION);
  }
  ARCH_DEP(validate_operand)(address, r1, 0, ACCTYPE_WRITE, regs);
  vnic_channel_subsystem_call(block, length);
  regs->psw.cc = 0;
}

#endif

#if !defined(_GEN_ARCH)
#define _GEN_ARCH 390
#include "hercules/vnic_instruction.c"
#undef _GEN_ARCH
#define _GEN_ARCH 900
#include "hercules/vnic_instruction.c"
#endif
