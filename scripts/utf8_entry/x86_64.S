# Runs before the program's own first instruction (Linux, x86-64). The runtime inside the program panics, with a code
# of its own and before any line of ours, at an argument or a TMPDIR that is not UTF-8, and where the working folder has
# been removed. This says so in one line and exits with 2.
#
# At the entry the stack holds argc, the arguments, NULL, the environment, NULL; rdx belongs to what follows (System V
# ABI, AMD64 supplement, section 3.4.1). UTF-8 is that of RFC 3629: no surrogates, no overlong forms.
#
# Position-independent. It ends with the jump to the program, whose distance patch_entry.ts fills in.

    .intel_syntax noprefix
    .text
start:
    endbr64
    lea rdi, [rsp - 0x1100]
    mov esi, 0x1000
    push 79                             # getcwd
    pop rax
    syscall
    lea r10, [rip + folder]
    lea r12, [rip + gone]
    test eax, eax
    js report
    lea r12, [rip + suffix]
    lea r9, [rsp + 8]                   # where the next argument stands
next_argument:
    mov rsi, [r9]
    add r9, 8
    test rsi, rsi
    jz next_variable
    call check
    jmp next_argument
next_variable:
    mov rsi, [r9]
    add r9, 8
    test rsi, rsi
    jz program
    mov rax, [rip + tmpdir]             # seven bytes: the eighth is shifted out on both sides
    mov rcx, [rsi]
    shl rax, 8
    shl rcx, 8
    cmp rax, rcx
    jne next_variable
    call check
    jmp next_variable

# Returns if the text at rsi, which ends with a zero, is UTF-8.
check:
    mov r10, rsi
character:
    lodsb
    test al, al
    jz valid
    jns character
    mov bx, 0xbf80                      # bl and bh: the least and the greatest that may follow
    cmp al, 0xc2
    jb report
    push 1                              # how many follow
    pop rcx
    cmp al, 0xe0
    jb following
    jne 1f
    mov bl, 0xa0
1:  inc ecx
    cmp al, 0xed
    jne 2f
    mov bh, 0x9f
2:  cmp al, 0xf0
    jb following
    jne 3f
    mov bl, 0x90
3:  inc ecx
    cmp al, 0xf4
    ja report
    jne following
    mov bh, 0x8f
following:
    lodsb
    cmp al, bl
    jb report
    cmp al, bh
    ja report
    mov bx, 0xbf80
    dec ecx
    jnz following
    jmp character
valid:
    ret

# Writes the text at r10, what is not printable ASCII as \xNN, and the one at r12 to stderr, and exits.
report:
    sub rsp, 8192
    mov rdi, rsp
    lea r11, [rsp + 4000]
    lea rsi, [rip + prefix]
    call copy
    mov rsi, r10
next_byte:
    cmp rdi, r11
    ja written
    lodsb
    test al, al
    jz written
    cmp al, 0x20
    jb escape
    cmp al, 0x7f
    jae escape
    stosb
    jmp next_byte
escape:
    mov bl, al
    mov ax, 0x785c                      # \x
    stosw
    mov al, bl
    shr al, 4
    call digit
    mov al, bl
    and al, 15
    call digit
    jmp next_byte
digit:
    add al, 0x30
    cmp al, 0x39
    jbe 4f
    add al, 0x27
4:  stosb
    ret
copy:
    lodsb
    test al, al
    jz valid
    stosb
    jmp copy
written:
    mov rsi, r12
    call copy
    mov rdx, rdi
    sub rdx, rsp
    mov rsi, rsp
    push 2
    pop rdi
    push 1                              # write
    pop rax
    syscall
    push 2
    pop rdi
    mov eax, 231                        # exit_group
    syscall

prefix:
    .asciz "llem: "
suffix:
    .asciz ": not UTF-8; use a link\n"
folder:
    .asciz "working folder"
gone:
    .asciz ": gone\n"
tmpdir:
    .asciz "TMPDIR="
program:
    .byte 0xe9                          # jmp
    .long 0
