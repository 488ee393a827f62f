"""What a text is about: its keyphrases, in their normal form, in the order of the alphabet.

Chinese is cut by jieba, and the words that its dictionary calls nouns are kept; English keeps single nouns-like words
without endings. General words that every complaint and every praise holds are left out.
"""

import logging
import re
import warnings
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

MOST_PHRASES = 30
_HAN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z][a-z'-]{2,}")
_KEPT_TAGS = ("n", "nz", "vn", "an")
_GENERAL_ZH = frozenset(
    """问题 东西 时候 感觉 事情 情况 方面 地方 时间 样子 人员 部分 结果 原因 内心 生活 办法 水平 大家 朋友 个人 人家
    世界 社会 中国 国家 人生 人类 历史 意思 意义 关系 过程 方式 方法 基础 作用 角度 程度 能力 经验 经历 机会 理由 想法
    态 全部 总体 一面 小时 晚上 早上 上午 下午 当时 后来 平时 有点 有时 总之 不错 一般 一样 区别 缺点 优点 缺陷 评论 评价
    网友 读者 顾客 客人 用户 自己 孩子 女儿 儿子 宝宝 妈妈 爸爸 父母 老公 老婆 男人 女人 女性 先生 老师 作家 主人公 人物 主角
    声 心 书 字 人 事 话 钱 天 次 点 家 店 本 行 味 手 头 面 单 门 车 水 房 床 图 型 系 盘 风 感 工作 学习 希望 需要 喜欢
    特色 产品 商品 效果 感受 印象 条件 同事 名字 道理 故事情节 地点 目的 对方 全家 市场 公司 现实 思想 精神 心情 感情 爱情
    文化 艺术 教育 知识 科学 成功 影响 建议 帮助 变化 开始 选择 使用 要求 准备 表示 说明 体会 理解 表现 享受 收获
    想象 差不多 麻烦 理想 意见 浪费 习惯 购物 价值 生命 痛苦 差点 反应 专业 整体 活动 结局 语言 管理
    因素 标准 事实 观点 规律 实际 档次 性质 根本 力量 传统 一流 功夫 优势 性价 下次 有限公司 客观 新手 主题 全书""".split()
)
_GENERAL_EN = frozenset(
    """thing things time times day days way lot bit people person year years week weeks month months problem problems
    issue issues item items product products customer customers company business experience review reviews good great
    bad nice best better worst excellent poor terrible awful amazing perfect fine really just like got get gets make
    makes made use used using want wanted need needed know think thought say said told did does doing done going went
    come came look looking feel felt work works worked buy bought order ordered ordering arrived recommend recommended
    happy pleased disappointed satisfied love loved hate hated easy hard new old big small long short little much
    far fast slow quick quickly late early little cheap expensive friendly rude helpful useless broken clean dirty
    ever never always still again today yesterday tomorrow twice first second last next sure able easily simply""".split()
)


def keyphrases(text: str, language: str) -> tuple[str, ...]:
    """This will give at most 30 keyphrases of a Chinese or English text; none of any other language."""
    if language == "zh":
        return _bounded(_chinese(text))
    if language == "en":
        return _bounded(_english(text))
    return ()


def prepare() -> None:
    """This will load the Chinese dictionary, about a second; jieba's cache of it goes where nobody else can write."""
    jieba = _jieba()
    with TemporaryDirectory() as folder:
        jieba.dt.tmp_dir = folder
        jieba.initialize()
    _nouns()


def _bounded(found: set[str]) -> tuple[str, ...]:
    return tuple(sorted(found)[:MOST_PHRASES])


def _chinese(text: str) -> set[str]:
    nouns, cut = _nouns(), _jieba().lcut
    words = [word for run in _HAN.findall(text) for word in cut(run, HMM=False)]
    return {word for word in words if len(word) > 1 and word in nouns and word not in _GENERAL_ZH}


def _english(text: str) -> set[str]:
    words = _WORD.findall(text.lower().replace("\u2019", "'"))
    singular = (_singular(word.removesuffix("'s").strip("'-")) for word in words if word not in ENGLISH_STOP_WORDS)
    return {word for word in singular if word not in _GENERAL_EN and word not in ENGLISH_STOP_WORDS and len(word) > 2}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


@cache
def _jieba() -> Any:
    with warnings.catch_warnings(action="ignore"):  # its source has escapes that newer Pythons complain of
        import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba


@cache
def _nouns() -> frozenset[str]:
    with _jieba().get_dict_file() as lines:
        entries = (line.decode("utf-8").split() for line in lines)
        return frozenset(entry[0] for entry in entries if len(entry) == 3 and entry[2] in _KEPT_TAGS)
