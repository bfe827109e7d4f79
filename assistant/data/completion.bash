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
    case $kind in
        files) compopt -o default 2>/dev/null ;;
        # Headings that hold the word stand for lines, which do not begin with it: nothing in
        # common keeps bash from replacing the word before one is chosen.
        headings) ((${#COMPREPLY[@]} < 2)) || COMPREPLY=("${shown[@]}" " ") ;;
        *)
            if ((${#COMPREPLY[@]} > 1)); then
                COMPREPLY=("${shown[@]}")
            elif [[ ${COMPREPLY[0]} == */ ]]; then
                compopt -o nospace 2>/dev/null
            fi
            ;;
    esac
}

complete -F _assistant assistant
