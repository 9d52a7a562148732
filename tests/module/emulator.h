// As much of Hercules 3.13 as the module's C files call, for tests without an emulator: its list of devices,
// groups, locks, and what its panel does for attach, detach and devinit (config.c and hsccmd.c, whose order
// of calls this has).
//
// One emulator in a program. Threads: one, but for the module's own.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { EMULATOR_PAGE = 4096, EMULATOR_PARTITION = 5 };

// attach NUMBER VNIC operand...: 0, or the negative result of the initialization.
int emulator_attach(unsigned number, int argc, char* argv[]);
// devinit NUMBER, with the operands it had.
int emulator_devinit(unsigned number);
// detach NUMBER: with its whole group.
void emulator_detach(unsigned number);
// Everything is detached, and nothing was said.
void emulator_reset(void);
// What the module has said to the operator.
const char* emulator_log(void);
// How many devices there are, and the client behind one of them; NULL: there is none.
unsigned emulator_devices(void);
void* emulator_client(unsigned number);
unsigned emulator_subchannel(unsigned number);

// A device that is none of the module's.
void emulator_attach_other(unsigned number);
// A CHANNEL SUBSYSTEM CALL with the request in a page.
void emulator_call(unsigned char page[EMULATOR_PAGE]);
// START SUBCHANNEL of one command, as the channel executes it: the device status; *residual is what is left.
unsigned emulator_command(unsigned number, unsigned command, unsigned char* data, uint16_t count,
                          uint16_t* residual);

#ifdef __cplusplus
}
#endif
