"""Writes a chat model of random weights: make_gguf.py OUT SEED [judge]

The model is a Llama of two narrow layers in half a megabyte, so that a real server
can serve it on any machine. It answers in word salad; bound to a JSON Schema it
answers valid JSON with a random verdict. With `judge` it ends its strings soon, so
that a verdict with a free text in it does not run on, and it favours the label A, and
so the answer that is shown first: the position bias of real judges, to see whether it
cancels.

The same arguments give the same bytes under the same versions of gguf and numpy.
"""

import sys

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, HIDDEN = 64, 2, 4, 128
CONTEXT = 16384
WORDS = """
    the of and to in is that it for as was with be by on not he this are or his from at
    which but have an they you were her she all we can my me one so there their what about
    who if would no when up out your some time life people family work money trust god home
    city child value first choose because think feel never always very rather quite strongly
    agree disagree important community country neighbours respect freedom tie
""".split()
# What a judge says more often than chance would have it, by the character.
JUDGE_BIASES = {"A": 3.0, '"': 5.0}
CHAT_TEMPLATE = (
    "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)


class Vocabulary:
    """Special tokens, one per byte, printable ASCII, then whole words, in this order."""

    def __init__(self):
        self.tokens, self.scores, self.types = [], [], []
        kind = gguf.TokenType
        self._add("<unk>", 0, kind.UNKNOWN)
        self._add("<s>", 0, kind.CONTROL)
        self.end_of_text = self._add("</s>", 0, kind.CONTROL)
        for byte in range(256):
            self._add(f"<0x{byte:02X}>", 0, kind.BYTE)
        # A SentencePiece vocabulary writes the space as this character.
        self.first_character = self._add("\u2581", -1000, kind.NORMAL)
        for code in range(0x21, 0x7F):
            self._add(chr(code), -1001 - code, kind.NORMAL)
        self.first_word = len(self.tokens)
        for rank, word in enumerate(dict.fromkeys(WORDS)):
            self._add("\u2581" + word, -1 - rank, kind.NORMAL)

    def _add(self, text, score, kind):
        self.tokens.append(text.encode())
        self.scores.append(float(score))
        self.types.append(int(kind))
        return len(self.tokens) - 1

    def __len__(self):
        return len(self.tokens)


def main(out, seed, biases):
    random = np.random.default_rng(seed)
    vocabulary = Vocabulary()
    writer = gguf.GGUFWriter(out, "llama")
    write_settings(writer, vocabulary)
    write_weights(writer, vocabulary, random, biases)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_settings(writer, vocabulary):
    writer.add_name("tiny-random")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_scores(vocabulary.scores)
    writer.add_token_types(vocabulary.types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(vocabulary.end_of_text)
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHAT_TEMPLATE)


def write_weights(writer, vocabulary, random, biases):
    def normal(rows, columns, deviation):
        return (random.standard_normal((rows, columns)) * deviation).astype(np.float32)

    ones = np.ones(WIDTH, np.float32)
    embedding = normal(len(vocabulary), WIDTH, 0.5)
    head = normal(len(vocabulary), WIDTH, 0.35)

    # Dimension 0 of every state is the same constant, so that the head's column 0 is
    # a bias: no raw bytes, fewer single characters than words, an end now and then.
    embedding[:, 0] = 4.0
    head[:, 0] = 0.0
    head[: vocabulary.first_character, 0] = -8.0
    head[vocabulary.first_character : vocabulary.first_word, 0] = -0.9
    head[vocabulary.end_of_text, 0] = 0.15
    for character, bias in biases.items():
        head[vocabulary.tokens.index(character.encode()), 0] += bias

    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", head)
    writer.add_tensor("output_norm.weight", ones)
    shapes = {
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (WIDTH, WIDTH),
        "attn_v": (WIDTH, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (HIDDEN, WIDTH),
        "ffn_up": (HIDDEN, WIDTH),
        "ffn_down": (WIDTH, HIDDEN),
    }
    for layer in range(LAYERS):
        for name, (rows, columns) in shapes.items():
            weights = normal(rows, columns, 0.2)
            if name in ("attn_output", "ffn_down"):
                weights[0, :] = 0.0  # nothing is added to dimension 0
            writer.add_tensor(f"blk.{layer}.{name}.weight", weights)
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", ones)
        writer.add_tensor(f"blk.{layer}.ffn_norm.weight", ones)


if __name__ == "__main__":
    kind = sys.argv[3:]
    if kind not in ([], ["judge"]):
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), JUDGE_BIASES if kind else {})
