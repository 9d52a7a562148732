# A program for the bare machine: ACTIVATE QUEUES as z/VM's virtual switch gives it, with a data address outside storage
# and a command chained (hercules-390/hyperion issue 63; the CCW is the one of that report). Started by `ipl` in ESA/390
# mode; polls, takes no interruptions. It ends in a disabled wait state whose address says what came of it:
#   6000   ACTIVATE QUEUES is in force, and CLEAR SUBCHANNEL has ended it
#   D0xx   no such device, or a step was refused (xx: which)
#   Exxxx  a channel program ended: device status and channel status
.set device, 0x0a02

.org 0x000
.long 0x00080000, 0x80000000 + start    # IPL
.org 0x068
.long 0x000a0000, 0x8000d0ff            # program check
.org 0x070
.long 0x000a0000, 0x8000d0fe            # machine check

.org 0x200
start:
  l %r1, first_subchannel
find:
  stsch schib
  jo none
  clc schib+6(2), number
  je found
  ahi %r1, 1
  j find
found:
  oi schib+5, 0x80                      # enabled
  msch schib
  jnz refused_1

  ssch establish_orb
  jnz refused_2
establish_wait:
  tsch irb
  jl establish_wait                     # not pending yet
  cli irb+8, 0x0c
  jne ended

  ssch activate_orb
  jnz refused_3
  l %r4, patience
active:
  tsch irb
  jz ended
  brct %r4, active

  csch
  jnz refused_4
clear_wait:
  tsch irb
  jl clear_wait
  tm irb+2, 0x10                        # the clear function
  jz ended
  lpsw good

none:      mvi result+7, 0
           j end
refused_1: mvi result+7, 1
           j end
refused_2: mvi result+7, 2
           j end
refused_3: mvi result+7, 3
           j end
refused_4: mvi result+7, 4
end:       lpsw result
ended:     mvc result+6(2), irb+8
           mvi result+5, 0x0e
           lpsw result

.align 8
good:             .long 0x000a0000, 0x80006000
result:           .long 0x000a0000, 0x8000d000
first_subchannel: .long 0x00010000
patience:         .long 1000000
number:           .short device
.align 8
establish_orb:    .long 1, 0x0080ff00, establish_ccw     # format 1, all paths
activate_orb:     .long 2, 0x0080ff00, activate_ccw
.align 8
establish_ccw:    .long 0x1b200080, qdr
activate_ccw:     .long 0x1f600001, 0x8fffff02
                  .long 0x03200001, 0x00000000
.align 8
schib:            .space 64
irb:              .space 96

# Queues: one for input, one for output, all of their buffers one block that is never used.
.org 0x1000
qdr:
  .byte 0, 0, 0, 0, 0, 1, 0, 1, 0, 8, 0, 8
.org 0x1030
  .long 0, qib
.org 0x1040
  .long 0, slib, 0, sl, 0, slsb_in, 0, 0
  .long 0, slib, 0, sl, 0, slsb_out, 0, 0
.org 0x2000
qib:  .space 256
.org 0x3000
slib: .space 2048
.org 0x4000
sl:
.rept 128
  .long 0, sbal
.endr
.org 0x5000
slsb_in:  .space 256
slsb_out: .space 256
sbal:     .space 256
.org 0x6000
