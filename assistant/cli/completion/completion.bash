# Completes the commands, options, notes and headings of `assistant` in bash.
#
#   source <(assistant completion bash)

_assistant() {
    local kind value about
    local -a shown=()
    COMPREPLY=()
    {
        read -r kind
        while IFS=$'\t' read -r value about; do
            COMPREPLY+=("$value")
            shown+=("$value${about:+  ($about)}")
        done
    } < <("${1/#\~/$HOME}" completion bash -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    if [[ $kind == files ]]; then
        compopt -o default 2>/dev/null
    elif ((${#COMPREPLY[@]} > 1)); then
        case $kind:${COMP_TYPE:-9} in
            # A list of what there is (63 is "?"): the only use that puts nothing on the line, so
            # that descriptions can stand beside the values.
            *:63) COMPREPLY=("${shown[@]}") ;;
            # Headings that hold the word stand for lines, which do not begin with it: what those
            # have in common must not replace it (9 is the key, 33 and 64 list as well).
            headings:9 | headings:33 | headings:64) COMPREPLY=() ;;
        esac
    elif [[ ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -F _assistant assistant notes-assistant
