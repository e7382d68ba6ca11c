"""The shape of a mainland postal address: where it may begin, and in what it must end."""

import re

import pytest

from kanhe.policy.address import ADDRESS

WHOLE = re.compile(ADDRESS)


@pytest.mark.parametrize(
    "text",
    [
        "北京市朝阳区学院大道643号",
        "湖北省武汉市洪山区文一街624号3栋1单元2197室",
        "广东深圳南山区阳光花园B座3楼302室",
        "浙江省杭州市西湖区人民街600号阳光小区3栋502室",
        "广西壮族自治区南宁市青秀区民族大道二十三号",
        "新疆乌鲁木齐市天山区解放路3-2-501室",
    ],
)
def test_an_address_from_province_to_door_is_matched_whole(text):
    assert WHOLE.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "北京地铁10号线",
        "北京时间3号",
        "上海市浦东新区",
        "人民路100号",
        "上海店在上海市静安区南京西路1266号",
    ],
)
def test_a_line_a_date_a_district_or_a_sentence_is_no_address(text):
    assert not WHOLE.fullmatch(text)


def test_a_place_with_the_sound_of_a_sentence_can_still_be_matched_from_its_city():
    assert WHOLE.search("上海店位于上海市静安区南京西路1266号")[0].startswith("上海市静安区")
