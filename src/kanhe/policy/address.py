"""The pattern of a mainland postal address, as one bounded expression.

An address is only looked for after the name of a province or of a large city, and only ends in a
number with its unit (号, 栋, 室 …): a guard holds text back while a candidate is alive, so it must
not be able to begin anywhere else. What the pattern refuses: addresses that begin with a district,
a road or a village, and everything written from the small to the large.
"""

from __future__ import annotations

_MUNICIPALITIES = "北京|上海|天津|重庆"
_PROVINCES = (
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|"
    "贵州|云南|陕西|甘肃|青海"
)
_REGIONS = "内蒙古|广西(壮族)?|西藏|宁夏(回族)?|新疆(维吾尔)?"
_CITIES = (
    "石家庄|唐山|秦皇岛|邯郸|邢台|保定|张家口|承德|沧州|廊坊|太原|大同|呼和浩特|包头|鄂尔多斯|"
    "沈阳|大连|鞍山|抚顺|锦州|长春|吉林|四平|哈尔滨|齐齐哈尔|大庆|佳木斯|牡丹江|南京|无锡|徐州|"
    "常州|苏州|南通|连云港|淮安|盐城|扬州|镇江|泰州|宿迁|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|"
    "衢州|舟山|台州|丽水|合肥|芜湖|蚌埠|安庆|阜阳|福州|厦门|莆田|泉州|漳州|龙岩|南昌|景德镇|"
    "九江|赣州|济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|临沂|德州|聊城|菏泽|郑州|"
    "开封|洛阳|新乡|许昌|南阳|商丘|信阳|武汉|黄石|十堰|宜昌|襄阳|荆州|黄冈|长沙|株洲|湘潭|衡阳|"
    "岳阳|常德|广州|韶关|深圳|珠海|汕头|佛山|江门|湛江|茂名|肇庆|惠州|梅州|东莞|中山|潮州|揭阳|"
    "南宁|柳州|桂林|北海|海口|三亚|成都|自贡|泸州|德阳|绵阳|乐山|南充|宜宾|贵阳|遵义|昆明|曲靖|"
    "大理|丽江|拉萨|西安|宝鸡|咸阳|延安|兰州|天水|西宁|银川|乌鲁木齐"
)

_START = f"(({_MUNICIPALITIES}|{_CITIES})市?|({_PROVINCES})省?|({_REGIONS})(自治区)?)"


def _han_without(excluded: str) -> str:
    """Give the body of a class of Chinese characters from 一 to 龥, less those in `excluded`."""
    first, ranges = ord("一"), ""
    for code in sorted(map(ord, excluded)):
        ranges += f"{chr(first)}-{chr(code - 1)}"
        first = code + 1
    return f"{ranges}{chr(first)}-龥"


# Characters of sentences, hardly of names: without them 上海店位于上海市… would be one address.
_HAN = _han_without("位在是的了我你他她它这那")
_DIVISION = f"[{_HAN}]{{1,8}}(市|自治州|地区|盟|区|县|旗|镇|乡|街道)"
_PLACE = (
    f"[{_HAN}A-Za-z0-9]{{1,10}}"
    "(路|街|道|巷|弄|胡同|里|村|组|坊|屯|小区|花园|公寓|大厦|苑|园|城|广场|庭|府|湾|段)"
)
_NUMBER = (
    "([0-9]{1,5}[A-Za-z]?|[0-9]{1,4}(-[0-9]{1,4}){1,3}|[A-Za-z][0-9]{0,3}"
    "|[一二三四五六七八九十百]{1,4})"
)
_UNIT = "(号楼|号院|号|栋|幢|座|单元|楼|层|室|户)"

ADDRESS = f"{_START}({_DIVISION}){{0,4}}(({_PLACE}){{1,2}}({_NUMBER}{_UNIT}){{1,5}}){{1,2}}"
"""The name of a province or city, up to four divisions below it, then places with numbers."""
