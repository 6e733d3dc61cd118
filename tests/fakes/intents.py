"""A small tree of labels and easy examples for it."""

from intake.classification.schemas import Example

TREE = {
    "types": [
        {
            "id": "quality",
            "zh": "质量问题",
            "en": "Quality",
            "causes": [
                {
                    "id": "leaks",
                    "zh": "漏水类",
                    "en": "Leaks",
                    "details": [
                        {
                            "id": "water_leak",
                            "zh": "漏水",
                            "en": "Water leak",
                            "definition_zh": "水流到外面；漏电归触电",
                        },
                        {"id": "oil_leak", "zh": "漏油", "en": "Oil leak"},
                    ],
                },
                {
                    "id": "cold",
                    "zh": "温度",
                    "en": "Cold",
                    "details": [{"id": "not_cooling", "zh": "不制冷", "en": "Warm"}],
                },
            ],
        },
        {
            "id": "orders",
            "zh": "订单",
            "en": "Orders",
            "causes": [
                {
                    "id": "papers",
                    "zh": "票据",
                    "en": "Papers",
                    "details": [
                        {"id": "invoice", "zh": "开发票", "en": "Invoice"},
                        {"id": "cancel", "zh": "取消订单", "en": "Cancel"},
                    ],
                }
            ],
        },
    ]
}
WATER, OIL = ("quality", "leaks", "water_leak"), ("quality", "leaks", "oil_leak")
COLD, INVOICE, CANCEL = (
    ("quality", "cold", "not_cooling"),
    ("orders", "papers", "invoice"),
    ("orders", "papers", "cancel"),
)

_WORDS = {
    WATER: "漏水",
    OIL: "漏油",
    COLD: "不制冷",
    INVOICE: "开发票",
    CANCEL: "取消订单",
}
_FRAMES = (
    "{}",
    "{}了",
    "一直{}",
    "你好，{}",
    "{}怎么办",
    "为什么{}",
    "又{}了，烦",
    "请问{}",
    "早上发现{}",
    "{}，麻烦处理",
)


def examples() -> list[Example]:
    """Ten easy texts a label, and ten out of scope."""
    labelled = [Example(frame.format(word), path) for path, word in _WORDS.items() for frame in _FRAMES]
    small_talk = [
        "你好",
        "在吗",
        "哈哈哈",
        "今天天气好",
        "讲个笑话",
        "吃饭了吗",
        "你是谁",
        "晚安",
        "招聘吗",
        "贷款要吗",
    ]
    return labelled + [Example(text, None) for text in small_talk]
